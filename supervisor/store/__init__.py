"""WHERE intent lives: an ordered, versioned, watchable log."""

"""What `describe` prints: pure functions from objects to text, one kind per file."""

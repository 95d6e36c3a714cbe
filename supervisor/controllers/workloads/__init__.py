"""Controllers that own pods."""

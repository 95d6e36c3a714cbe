"""Parts that kinds which make pods from a template share."""

"""Images of a Docker engine, the pause image among them."""

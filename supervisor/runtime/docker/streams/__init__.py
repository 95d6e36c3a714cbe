"""Commands, logs and connections in the containers of a Docker engine."""

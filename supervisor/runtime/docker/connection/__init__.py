"""Connections to one Docker engine: docker-py for calls, plain sockets for streams."""

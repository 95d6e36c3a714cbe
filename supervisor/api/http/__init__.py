"""The REST API as an ASGI application over the registry."""

from supervisor.api.http.app import create_app

__all__ = ["create_app"]

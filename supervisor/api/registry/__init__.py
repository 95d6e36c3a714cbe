"""The API in this process: the verbs on stored objects."""

from supervisor.api.registry.registry import Registry

__all__ = ["Registry"]

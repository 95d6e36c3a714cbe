"""THE RULES of objects: what each verb does to what is stored."""

from supervisor.api.registry.registry import Registry

__all__ = ["Registry"]

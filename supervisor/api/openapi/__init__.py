"""OpenAPI documents, which kubectl uses for validation, explain and apply."""

from supervisor.api.openapi.document import Document, Resource

__all__ = ["Document", "Resource"]

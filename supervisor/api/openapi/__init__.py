"""The OpenAPI documents that kubectl reads: to validate, explain and apply."""

from supervisor.api.openapi.document import Document, Resource

__all__ = ["Document", "Resource"]

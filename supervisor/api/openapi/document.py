"""All OpenAPI documents of a set of resources, generated on first use.

Rules
- Only the encoded documents are kept in memory.
- kubectl requires a PATCH operation with a `fieldValidation` parameter for each kind
  (otherwise it validates on the client), the path of each resource (for `explain`), and
  v2 as protobuf (for files with `kind: List`, and in releases before 1.29).

Follows kube-openapi/pkg/handler3/handler.go.
"""

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from supervisor.api.openapi import v2, v3
from supervisor.api.openapi.resource import Resource
from supervisor.model.errors import unknown_path
from supervisor.model.meta import Object

__all__ = ["Document", "Resource"]


class _Rendered(NamedTuple):
    body: bytes
    digest: str


class Document:
    """The documents for `/openapi/v3` and `/openapi/v2`."""

    def __init__(self, resources: Iterable[Resource], version: str = "unversioned"):
        self._version = version
        self._by_path: dict[str, list[Resource]] = {}
        for resource in resources:
            self._by_path.setdefault(resource.root, []).append(resource)
        self._rendered: dict[str, _Rendered] = {}

    def v3_index(self) -> Object:
        """The URL of each document, which contains a hash of it."""
        return {
            "paths": {
                path: {
                    "serverRelativeURL": f"/openapi/v3/{path}?hash={self.v3_etag(path)}"
                }
                for path in self._by_path
            }
        }

    def v3_document(self, path: str) -> bytes:
        """The JSON document for a path such as `api/v1`. Raises ApiError 404."""
        return self._v3(path).body

    def v3_etag(self, path: str) -> str:
        """A hash of the document. Raises ApiError 404."""
        return self._v3(path).digest

    def v2_protobuf(self) -> bytes:
        """All groups in one document, in gnostic's protobuf encoding."""
        return self._v2.body

    def v2_etag(self) -> str:
        return self._v2.digest

    @cached_property
    def _v2(self) -> _Rendered:
        everything = [r for group in self._by_path.values() for r in group]
        return _rendered(v2.render(everything, self._version))

    def _v3(self, path: str) -> _Rendered:
        if path not in self._by_path:
            raise unknown_path()
        if path not in self._rendered:
            body = v3.render(self._by_path[path], self._version)
            self._rendered[path] = _rendered(body)
        return self._rendered[path]


def _rendered(body: bytes) -> _Rendered:
    return _Rendered(body, hashlib.sha256(body).hexdigest().upper())

"""The contract of an API client.

Implemented in process by `api.registry.Registry` and over HTTPS by
`client.rest.RestClient`; tests/contract/test_client.py tests both. Controllers and
agents accept either.

Rules
- A resource is identified by its plural, followed by a dot and the group for groups
  other than core: `pods`, `leases.coordination.k8s.io`.
- Objects are JSON dictionaries owned by the receiver: changing one has no effect
  elsewhere. Each has `metadata.resourceVersion`.
- Errors are model.errors.ApiError. An unreachable API is ApiError 503, so callers need
  only one way to retry.
- All methods are thread-safe.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from supervisor.model.meta import Object


class PatchType(Enum):
    """The value is the media type of the request body."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class ObjectList:
    items: list[Object]
    resource_version: str
    continue_token: str = ""
    unreadable: frozenset[tuple[str, str]] = frozenset()
    """Objects that exist but cannot be read, by `namespaced_name`. They are missing in
    `items`, and must not be treated as deleted."""


def namespaced_name(obj: Object) -> tuple[str, str]:
    """(namespace, name); the namespace is empty for cluster-scoped objects."""
    meta = obj["metadata"]
    return str(meta.get("namespace") or ""), str(meta["name"])


@dataclass(frozen=True)
class WatchEvent:
    type: str
    """ADDED, MODIFIED, DELETED, BOOKMARK, or ERROR, whose object is a Status."""
    object: Object


@dataclass(frozen=True)
class DeleteOptions:
    grace_period_seconds: int | None = None
    propagation_policy: str | None = None
    """Background, Foreground or Orphan; None for the resource's default."""
    uid: str | None = None
    """Precondition; ApiError 409 if the object has another uid."""
    resource_version: str | None = None
    """Precondition, as `uid`."""
    dry_run: bool = False


@dataclass(frozen=True)
class WriteOptions:
    field_validation: str = "Warn"
    """How unknown and duplicate fields are handled: Strict, Warn or Ignore."""
    field_manager: str = ""
    dry_run: bool = False
    force: bool = False
    #: Filled by the callee: warnings for the user (Warning headers in HTTP).
    warnings: list[str] = field(default_factory=list)


class Client(Protocol):
    def get(self, resource: str, name: str, namespace: str = "") -> Object: ...

    def list(
        self,
        resource: str,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ObjectList:
        """The objects that match the selectors, which use kubectl's syntax.

        An empty namespace means all namespaces. In addition to upstream's field
        selectors, every resource supports `metadata.ownerReferences.uid=UID`; it is
        indexed, like `spec.nodeName` of pods.
        """

    def watch(
        self,
        resource: str,
        namespace: str = "",
        *,
        since: str,
        labels: str = "",
        fields: str = "",
        timeout: float | None = None,
    ) -> "Watch":
        """Changes after the resourceVersion `since`. Raises ApiError 410 if too old.

        An object that starts or stops matching the selectors is reported as ADDED or
        DELETED. The iteration ends after `timeout` seconds or on `close`.
        """

    def create(
        self,
        resource: str,
        body: Object,
        namespace: str = "",
        options: WriteOptions | None = None,
    ) -> Object: ...

    def update(
        self,
        resource: str,
        body: Object,
        *,
        subresource: str = "",
        options: WriteOptions | None = None,
    ) -> Object:
        """Replace an object. `subresource` is empty, `status` or `scale`.

        If `body` has a `metadata.resourceVersion` that is not current, raises
        ApiError 409.
        """

    def patch(
        self,
        resource: str,
        name: str,
        namespace: str,
        patch: Any,
        kind: PatchType = PatchType.MERGE,
        *,
        subresource: str = "",
        options: WriteOptions | None = None,
    ) -> Object: ...

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        options: DeleteOptions | None = None,
    ) -> Object:
        """Returns the object as it is after the call, or a Status if it is gone."""

    def delete_collection(
        self,
        resource: str,
        namespace: str,
        *,
        labels: str = "",
        fields: str = "",
        options: DeleteOptions | None = None,
    ) -> ObjectList: ...

    def bind(self, pod: str, namespace: str, node: str) -> None:
        """Bind a pod to a node (subresource `binding`). Raises ApiError 409."""

    def evict(self, pod: str, namespace: str, options: DeleteOptions) -> None:
        """Evict a pod (subresource `eviction`). Raises ApiError 429."""


class Watch(Protocol):
    """An iterator of WatchEvents; `close` from another thread ends it."""

    def __iter__(self) -> Iterator[WatchEvent]: ...

    def close(self) -> None: ...

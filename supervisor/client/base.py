"""The contract between the API and everything that uses it.

`api.registry.Registry` satisfies it in this process, `client.rest.RestClient` over
HTTPS, and one suite, tests/contract/test_client.py, examines both. Controllers and
agents take either, and so never know which they have.

Rules
- A resource is named by its plural, with the group behind a dot for other groups than
  core: `pods`, `leases.coordination.k8s.io`.
- Objects are plain JSON dictionaries that the receiver owns: changing one changes
  nothing elsewhere. Each carries `metadata.resourceVersion`.
- Refusals raise model.errors.ApiError. An API that cannot be reached raises
  ApiError 503 too, so that callers retry in one way.
- All methods may be called from any thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from supervisor.model.meta import Object


class PatchType(Enum):
    """The value is the Content-Type."""

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
    """The `place` of each object that is there, but that nobody can read: it is not in
    `items`, and must not be taken for gone."""


def namespaced_name(obj: Object) -> tuple[str, str]:
    """Namespace, empty for cluster-scoped objects, and name."""
    meta = obj["metadata"]
    return str(meta.get("namespace") or ""), str(meta["name"])


@dataclass(frozen=True)
class WatchEvent:
    type: str
    """ADDED, MODIFIED, DELETED, BOOKMARK or ERROR (object: a Status)."""
    object: Object


@dataclass(frozen=True)
class DeleteOptions:
    grace_period_seconds: int | None = None
    propagation_policy: str | None = None
    """Background, Foreground or Orphan; None is the resource's own default."""
    uid: str | None = None
    """Precondition: delete only this incarnation (409 otherwise)."""
    resource_version: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class WriteOptions:
    field_validation: str = "Warn"
    """Strict, Warn or Ignore: what becomes of fields unknown to the schema."""
    field_manager: str = ""
    dry_run: bool = False
    force: bool = False
    #: Filled by the callee: texts for the user, sent as Warning headers over HTTP.
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
        """Objects that match the selectors, given in kubectl's syntax.

        An empty namespace means all. Besides upstream's field selectors, every
        resource takes `metadata.ownerReferences.uid=UID`, which is indexed, as is
        `spec.nodeName` of pods.
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
        """Changes after `since`, a resourceVersion. Raises ApiError 410 when too old.

        An object that comes into or goes out of the selection by a change is ADDED or
        DELETED. After `timeout` seconds, or `close`, the iteration ends.
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
        """Replace; with `metadata.resourceVersion` in `body`, only if it is current.

        `subresource` is empty, `status` or `scale`.
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
        """Answers the object as it stands after the call, or a Status of success."""

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
        """Assign a pod to a node (the `binding` subresource). Raises ApiError 409."""

    def evict(self, pod: str, namespace: str, options: DeleteOptions) -> None:
        """Delete through the `eviction` subresource. Raises ApiError 429."""


class Watch(Protocol):
    """An iteration over WatchEvents that another thread may end."""

    def __iter__(self) -> Iterator[WatchEvent]: ...

    def close(self) -> None: ...

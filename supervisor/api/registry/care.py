"""What people do about a store that was lost, set back or damaged."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from supervisor.api.registry import adopting, checking, creation
from supervisor.api.registry.records import Records, translated
from supervisor.client.base import WriteOptions
from supervisor.kinds import namespaces, pods
from supervisor.kinds.base import Admission, Kind
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import NAMESPACE
from supervisor.machinery.clock import Clock
from supervisor.model.errors import STORAGE_READ_ERROR, ApiError
from supervisor.model.meta import Object
from supervisor.store.base import Damage

_PODS, _NAMESPACES = pods.KIND, namespaces.KIND


class StoreCare:
    def __init__(
        self,
        records: Records,
        creator: creation.Creator,
        clock: Clock,
        toleration_seconds: int,
        catalog: Catalog,
    ) -> None:
        self._catalog = catalog
        self._records = records
        self._creator = creator
        self._clock = clock
        self._toleration_seconds = toleration_seconds

    def adopt(self, manifest: Object, *, node: str, images: Mapping[str, str]) -> None:
        """Create a pod again that runs on `node`. Raises ApiError, such as 409."""
        body = adopting.prepared(
            manifest, node=node, images=images, has_owner=self._has_owner(manifest)
        )
        kept = adopting.kept_metadata(body)
        obj = checking.read(_PODS, body, WriteOptions(field_validation="Ignore"))
        namespace = obj["metadata"]["namespace"]
        if self._records.find(_NAMESPACES, "", namespace) is None:
            self._make_namespace(namespace)
        creation.fill_in(obj, self._clock.now())
        obj["metadata"] |= kept
        admission = Admission(self._toleration_seconds, self._clock.now())
        obj = checking.new_object(_PODS, obj, admission)
        self._creator.store(_PODS, obj, generated=False, dry_run=False)

    def _make_namespace(self, name: str) -> None:
        obj: Object = NAMESPACE.head | {"metadata": {"name": name}}
        creation.fill_in(obj, self._clock.now())
        obj = checking.new_object(_NAMESPACES, obj, Admission(0, self._clock.now()))
        self._creator.store(_NAMESPACES, obj, generated=False, dry_run=False)

    def _has_owner(self, pod: Object) -> adopting.OwnerExists:
        def exists(ref: Mapping[str, str]) -> bool:
            served = self._catalog.by_kind(ref["apiVersion"], ref["kind"])
            if served is None or not isinstance(served.resource, Kind):
                return False
            kind = served.resource
            space = pod["metadata"]["namespace"] if kind.identity.namespaced else ""
            try:
                found = self._records.find(kind, space, ref["name"])
            except ApiError as error:
                return error.reason == STORAGE_READ_ERROR
            return found is not None and found["metadata"].get("uid") == ref["uid"]

        return exists

    def accept_sessions(self, sessions: Sequence[str]) -> None:
        """See store.base.Store."""
        with translated("", ""):
            self._records.store.accept_sessions(sessions)

    def damaged(self) -> Sequence[Damage]:
        """See store.base.Store."""
        return self._records.store.damaged()

    def forget_damaged(self, resource: str, namespace: str, name: str) -> None:
        """Remove the object if it is damaged."""
        kind = self._catalog.kind(resource)
        try:
            self._records.find(kind, namespace, name)
        except ApiError as error:
            if error.reason != STORAGE_READ_ERROR:
                raise
            self._records.discard(kind, namespace, name)

    def backup(self, path: Path) -> None:
        """See store.base.Store. Raises StoreError, OSError."""
        self._records.store.backup(path)

"""Operations on a store that was lost, restored or damaged."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from supervisor.api.registry import adopting, checking, creation
from supervisor.api.registry.object_store import ObjectStore, api_errors
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


class StoreMaintenance:
    """Adoption, backup, and removal of damaged objects."""

    def __init__(
        self,
        objects: ObjectStore,
        creator: creation.Creator,
        clock: Clock,
        toleration_seconds: int,
        catalog: Catalog,
    ) -> None:
        self._catalog = catalog
        self._objects = objects
        self._creator = creator
        self._clock = clock
        self._toleration_seconds = toleration_seconds

    def adopt(self, manifest: Object, *, node: str, images: Mapping[str, str]) -> None:
        """Recreate the object of a pod that runs on `node`.

        Raises ApiError, for example 409 if the name is in use.
        """
        body = adopting.prepare(
            manifest, node=node, images=images, has_owner=self._has_owner(manifest)
        )
        kept = adopting.kept_metadata(body)
        obj = checking.read_body(_PODS, body, WriteOptions(field_validation="Ignore"))
        namespace = obj["metadata"]["namespace"]
        if self._objects.find(_NAMESPACES, "", namespace) is None:
            self._create_namespace(namespace)
        creation.set_system_fields(obj, self._clock.now())
        obj["metadata"] |= kept
        admission = Admission(self._toleration_seconds, self._clock.now())
        obj = checking.prepare_new(_PODS, obj, admission)
        self._creator.store(_PODS, obj, generated=False, dry_run=False)

    def _create_namespace(self, name: str) -> None:
        obj: Object = NAMESPACE.head | {"metadata": {"name": name}}
        creation.set_system_fields(obj, self._clock.now())
        obj = checking.prepare_new(_NAMESPACES, obj, Admission(0, self._clock.now()))
        self._creator.store(_NAMESPACES, obj, generated=False, dry_run=False)

    def _has_owner(self, pod: Object) -> adopting.OwnerExists:
        def exists(ref: Mapping[str, str]) -> bool:
            served = self._catalog.by_kind(ref["apiVersion"], ref["kind"])
            if served is None or not isinstance(served.resource, Kind):
                return False
            kind = served.resource
            space = pod["metadata"]["namespace"] if kind.identity.namespaced else ""
            try:
                found = self._objects.find(kind, space, ref["name"])
            except ApiError as error:
                return error.reason == STORAGE_READ_ERROR
            return found is not None and found["metadata"].get("uid") == ref["uid"]

        return exists

    def accept_sessions(self, sessions: Sequence[str]) -> None:
        """See store.base.Store."""
        with api_errors("", ""):
            self._objects.store.accept_sessions(sessions)

    def damaged(self) -> Sequence[Damage]:
        """See store.base.Store."""
        return self._objects.store.damaged()

    def forget_damaged(self, resource: str, namespace: str, name: str) -> None:
        """Remove the object from the store if it is damaged."""
        kind = self._catalog.kind(resource)
        try:
            self._objects.find(kind, namespace, name)
        except ApiError as error:
            if error.reason != STORAGE_READ_ERROR:
                raise
            self._objects.discard(kind, namespace, name)

    def backup(self, path: Path) -> None:
        """See store.base.Store. Raises StoreError, OSError."""
        self._objects.store.backup(path)

"""Delete what has lost its owners, and finish deletions that wait for dependents.

Rules
- Nothing is kept of the graph of owners: an object names its owners, and its dependents
  are found through the index over owner uids. Each decision rests on a live reading.
- Owners are looked for in the dependent's own namespace, or among cluster-scoped
  objects; one in another namespace counts as gone, and an event says so.
- Objects are deleted only as the very thing that was read (uid and resourceVersion).
- A slow scan over all objects catches what no event told.

The decisions are in `ownership`.
Follows pkg/controller/garbagecollector.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from supervisor.client.base import Client, DeleteOptions, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.unreadable import UnreadableReporter
from supervisor.controllers.attempts import Attempts
from supervisor.controllers.workloads import ownership
from supervisor.controllers.workloads.ownership import (
    CollectDependents,
    Delete,
    DropReferences,
    Keep,
    OwnerState,
    ReleaseDependents,
    RemoveFinalizer,
    plan,
)
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import Identity
from supervisor.machinery.clock import Clock
from supervisor.model.errors import STORAGE_READ_ERROR, ApiError
from supervisor.model.meta import Object, ObjectMeta, OwnerReference, decode

_SCAN_SECONDS = 600.0


class ItemKey(NamedTuple):
    """An object to look at."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class VanishedKey(NamedTuple):
    """An owner that is gone; its dependents are to be looked at."""

    uid: str

    def __str__(self) -> str:
        return f"dependents of {self.uid}" if self.uid else "all objects"


SCAN = VanishedKey("")
"""Look at all objects."""

Key = ItemKey | VanishedKey


def keys_for(event: WatchEvent) -> Iterable[Key]:
    """Of a deleted object its dependents and owners; else the object if it matters.

    Owners that the object blocks are looked at too: it may do so no longer.
    """
    obj, meta = event.object, event.object["metadata"]
    refs = meta.get("ownerReferences") or []
    namespace = meta.get("namespace", "")
    if event.type == "DELETED":
        owners = (_owner_key(ref, namespace) for ref in refs)
        return [VanishedKey(meta["uid"]), *owners]
    if refs or (meta.get("deletionTimestamp") and meta.get("finalizers")):
        blocked = (ref for ref in refs if ref.get("blockOwnerDeletion"))
        return [_item_key(obj), *(_owner_key(ref, namespace) for ref in blocked)]
    return []


class GarbageCollector:
    """The rule `garbage-collector`, over the kinds that it is given."""

    name = "garbage-collector"
    first_keys: tuple[Key, ...] = (SCAN,)

    def __init__(
        self,
        client: Client,
        clock: Clock,
        recorder: EventRecorder,
        catalog: Catalog,
    ) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._telling = UnreadableReporter(client, self.name)
        self._kinds = catalog.collected
        #: By apiVersion and kind, in all versions: owners may be named in older ones.
        self._by_name = {
            (served.api_version, served.resource.identity.kind): identity
            for served in catalog.served
            if (identity := served.resource.identity) in self._kinds
        }
        self.resources = tuple(kind.resource for kind in self._kinds)

    def keys_for(self, event: WatchEvent) -> Iterable[Key]:
        return keys_for(event)

    def reconcile(self, key: Key) -> float | None:
        if isinstance(key, ItemKey):
            try:
                found = self._read(key)
            except ApiError as error:
                if error.reason != STORAGE_READ_ERROR:
                    raise
                return None  # nothing is known of its owners
            if found is not None:
                self._collect(found)
            return None
        if key != SCAN:
            self._collect_all(self._dependents(key.uid))
            return None
        for kind in self._kinds:
            listed = self._client.list(kind.resource).items
            self._collect_all(
                obj
                for obj in listed
                if obj["metadata"].get("ownerReferences") or _is_finishing(obj)
            )
        return self._clock.now() + _SCAN_SECONDS

    def _collect_all(self, objects: Iterable[Object]) -> None:
        attempt = Attempts(self._telling, settled=(404,))
        for obj in objects:
            attempt(self._resource(obj), obj, partial(self._collect, obj))
        attempt.finish()

    def _collect(self, obj: Object) -> None:
        """Decide about one object and act."""
        meta = _meta(obj)
        dependents: list[Object] = []
        deleting = meta.deletion_timestamp is not None
        if deleting and not _is_finishing(obj):
            return
        owners = {} if deleting else self._owner_states(obj, meta)
        if deleting or OwnerState.WAITING in owners.values():
            dependents = list(self._dependents(meta.uid))
        todo = plan(meta, owners, [_meta(other) for other in dependents])
        try:
            self._perform(todo, obj, dependents)
        except ApiError as error:
            if error.code != 404:
                raise

    def _perform(
        self, todo: ownership.Action, obj: Object, dependents: Sequence[Object]
    ) -> None:
        match todo:
            case Keep():
                return
            case DropReferences(uids=uids):
                self._drop_references(obj, uids)
            case Delete():
                self._delete(obj, todo)
            case RemoveFinalizer(finalizer=finalizer):
                self._remove_finalizer(obj, finalizer)
            case CollectDependents():
                self._collect_all(
                    other
                    for other in dependents
                    if not other["metadata"].get("deletionTimestamp")
                )
            case ReleaseDependents():
                for dependent in dependents:
                    self._drop_references(dependent, (obj["metadata"]["uid"],))
                self._remove_finalizer(obj, ownership.ORPHAN)

    def _owner_states(self, obj: Object, meta: ObjectMeta) -> dict[str, OwnerState]:
        states = {}
        for ref in meta.owner_references:
            kind = self._by_name.get((ref.api_version, ref.kind))
            if kind is None or (kind.namespaced and not meta.namespace):
                states[ref.uid] = OwnerState.LIVING
                continue
            try:
                found = self._read(_owner_key(_as_json(ref), meta.namespace))
            except ApiError as error:
                if error.reason != STORAGE_READ_ERROR:
                    raise
                # It is there, though nobody can read it.
                states[ref.uid] = OwnerState.LIVING
                continue
            states[ref.uid] = ownership.state_of(ref, _meta(found) if found else None)
            if states[ref.uid] is OwnerState.GONE and kind.namespaced:
                self._tell_of_foreign_owner(obj, meta, ref, kind)
        return states

    def _tell_of_foreign_owner(
        self, obj: Object, meta: ObjectMeta, ref: OwnerReference, kind: Identity
    ) -> None:
        namesakes = self._client.list(kind.resource, fields=f"metadata.name={ref.name}")
        if any(other["metadata"]["uid"] == ref.uid for other in namesakes.items):
            identity = (
                f"[{ref.api_version}/{ref.kind}, namespace: {meta.namespace}, "
                f"name: {ref.name}, uid: {ref.uid}]"
            )
            text = f'ownerRef {identity} does not exist in namespace "{meta.namespace}"'
            self._recorder.record(obj, "Warning", "OwnerRefInvalidNamespace", text)

    def _read(self, key: ItemKey) -> Object | None:
        """The object as it stands now; None for what is not there or not served."""
        kind = self._by_name.get((key.api_version, key.kind))
        if kind is None:
            return None
        namespace = key.namespace if kind.namespaced else ""
        try:
            return self._client.get(kind.resource, key.name, namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def _dependents(self, uid: str) -> Iterator[Object]:
        for kind in self._kinds:
            selector = f"metadata.ownerReferences.uid={uid}"
            yield from self._client.list(kind.resource, fields=selector).items

    def _resource(self, obj: Object) -> str:
        return self._by_name[obj["apiVersion"], obj["kind"]].resource

    def _delete(self, obj: Object, todo: Delete) -> None:
        meta = obj["metadata"]
        if todo.unblock:
            refs = [r | {"blockOwnerDeletion": False} for r in meta["ownerReferences"]]
            obj = self._patch_meta(obj, {"ownerReferences": refs})
            meta = obj["metadata"]
        options = DeleteOptions(
            propagation_policy=todo.propagation_policy,
            uid=meta["uid"],
            resource_version=meta["resourceVersion"],
        )
        namespace = meta.get("namespace", "")
        self._client.delete(self._resource(obj), meta["name"], namespace, options)

    def _drop_references(self, obj: Object, uids: Iterable[str]) -> None:
        gone = set(uids)
        refs = obj["metadata"]["ownerReferences"]
        kept = [ref for ref in refs if ref["uid"] not in gone]
        try:
            self._patch_meta(obj, {"ownerReferences": kept or None})
        except ApiError as error:
            if error.code != 404:
                raise

    def _remove_finalizer(self, obj: Object, finalizer: str) -> None:
        kept = [f for f in obj["metadata"]["finalizers"] if f != finalizer]
        self._patch_meta(obj, {"finalizers": kept or None})

    def _patch_meta(self, obj: Object, change: Object) -> Object:
        """Change metadata of exactly the version that was read (409 otherwise)."""
        meta = obj["metadata"]
        patch = {"metadata": change | {"resourceVersion": meta["resourceVersion"]}}
        return self._client.patch(
            self._resource(obj),
            meta["name"],
            meta.get("namespace", ""),
            patch,
            PatchType.MERGE,
        )


def _meta(obj: Object) -> ObjectMeta:
    return decode(ObjectMeta, obj["metadata"])


def _is_finishing(obj: Object) -> bool:
    meta = obj["metadata"]
    ours = {ownership.ORPHAN, ownership.FOREGROUND} & set(meta.get("finalizers") or ())
    return bool(meta.get("deletionTimestamp") and ours)


def _item_key(obj: Object) -> ItemKey:
    meta = obj["metadata"]
    namespace = meta.get("namespace", "")
    return ItemKey(obj["apiVersion"], obj["kind"], namespace, meta["name"])


def _owner_key(ref: Object, namespace: str) -> ItemKey:
    return ItemKey(ref["apiVersion"], ref["kind"], namespace, ref["name"])


def _as_json(ref: OwnerReference) -> Object:
    return {"apiVersion": ref.api_version, "kind": ref.kind, "name": ref.name}

"""The API in this process: all verbs on all kinds, over the store.

Rules
- Each write is a compare-and-swap. On a concurrent change, a request without a
  resourceVersion is retried with the new state; one with a resourceVersion conflicts.
- A request that changes nothing writes nothing and keeps the resourceVersion.
- A dry run does everything except writing.

Satisfies client.base.Client; the HTTP API is a thin layer over it.
Follows apiserver/pkg/registry/generic/registry/store.go.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from supervisor.api.patch import no_server_side_apply
from supervisor.api.registry import (
    binding,
    changing,
    checking,
    creation,
    deletion,
    evicting,
    listing,
    namespaces,
    resolving,
    reviews,
)
from supervisor.api.registry.admission import Admitter
from supervisor.api.registry.maintenance import StoreMaintenance
from supervisor.api.registry.object_store import ObjectStore, to_bytes
from supervisor.api.registry.selecting import Selection
from supervisor.api.registry.watching import RegistryWatch, WatchCursor
from supervisor.client.base import (
    DeleteOptions,
    ObjectList,
    PatchType,
    Watch,
    WriteOptions,
)
from supervisor.kinds import scale
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Admission, Kind, Review
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import POD
from supervisor.machinery.clock import Clock
from supervisor.model.errors import (
    STORAGE_READ_ERROR,
    ApiError,
)
from supervisor.model.failover import TOLERATION_SECONDS
from supervisor.model.meta import Object
from supervisor.store.base import Stale, Store

Change = Callable[[Object], Object]


class Registry:
    """The API of one store. `user` is the user name of all requests.

    `toleration_seconds` is the default for how long pods tolerate a lost node.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        user: str = "supervisor:admin",
        toleration_seconds: int = TOLERATION_SECONDS,
        catalog: Catalog = CATALOG,
    ) -> None:
        self.catalog = catalog
        self._objects = ObjectStore(store)
        self._clock = clock
        self._creator = creation.Creator(self._objects, clock)
        self._admitter = Admitter(self._objects, self._creator)
        self._evictions = evicting.Evictions(
            self._objects, clock, self._change, self._delete
        )
        self._user = user
        self._toleration_seconds = toleration_seconds
        #: Operations on a store that was lost or damaged.
        self.maintenance = StoreMaintenance(
            self._objects, self._creator, clock, toleration_seconds, catalog
        )
        namespaces.ensure(self)

    # -- reading

    def get(
        self, resource: str, name: str, namespace: str = "", *, subresource: str = ""
    ) -> Object:
        kind = resolving.kind(self.catalog, resource, "get", subresource)
        found = self._objects.get(kind, namespace, name)
        part = kind.subresource(subresource)
        if part is not None and part.scale is not None:
            return scale.from_parent(part.scale, found)
        return found

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
        kind = resolving.kind(self.catalog, resource, "list")
        return listing.list_objects(
            self._objects,
            kind,
            namespace,
            Selection(kind, labels, fields),
            limit=limit,
            continue_token=continue_token,
        )

    def watch(
        self,
        resource: str,
        namespace: str = "",
        *,
        since: str,
        labels: str = "",
        fields: str = "",
        timeout: float | None = None,
    ) -> Watch:
        cursor = self.cursor(
            resource, namespace, since=since, labels=labels, fields=fields
        )
        return RegistryWatch(cursor, timeout)

    def cursor(
        self,
        resource: str,
        namespace: str = "",
        *,
        since: str,
        labels: str = "",
        fields: str = "",
        initial: bool = False,
    ) -> WatchCursor:
        """A watch that is polled instead of iterated over, and needs no thread.

        With `initial`, it starts with an initial list and ignores `since`.
        """
        kind = resolving.kind(self.catalog, resource, "watch")
        selection = Selection(kind, labels, fields)
        return WatchCursor(
            self._objects, kind, namespace, selection, since=since, initial=initial
        )

    # -- writing

    def create(
        self,
        resource: str,
        body: Object,
        namespace: str = "",
        options: WriteOptions | None = None,
        *,
        duplicates: Sequence[str] = (),
        api_version: str = "",
    ) -> Object:
        """`duplicates` are the paths of keys that occurred more than once in `body`.

        `api_version` is the version of the request; if empty, that of the body is used.
        """
        options = options or WriteOptions()
        review = resolving.resource(self.catalog, resource, "create")
        if isinstance(review, Review):
            obj = checking.read_body(review, body, options, duplicates)
            return reviews.with_status(review, obj, self._user)
        kind = resolving.kind(self.catalog, resource, "create")
        obj = checking.read_body(
            kind, body, options, duplicates, api_version=api_version
        )
        creation.set_namespace(kind, obj, namespace)
        checking.warn_of_unsupported(kind, obj, options)
        generated = not obj["metadata"].get("name")
        self._admitter.admit(kind, obj)
        creation.set_system_fields(obj, self._clock.now())
        admission = Admission(self._toleration_seconds, self._clock.now())
        obj = checking.prepare_new(kind, obj, admission)
        return self._creator.store(
            kind, obj, generated=generated, dry_run=options.dry_run
        )

    def update(
        self,
        resource: str,
        body: Object,
        *,
        subresource: str = "",
        options: WriteOptions | None = None,
        duplicates: Sequence[str] = (),
        api_version: str = "",
    ) -> Object:
        """`subresource` may be any writable one, including `finalize`."""
        options = options or WriteOptions()
        kind = resolving.kind(self.catalog, resource, "update", subresource)
        part = kind.subresource(subresource)
        meta = body.get("metadata") or {}
        where = (kind, meta.get("namespace") or "", meta.get("name") or "")
        if part is not None and part.scale is not None:
            scaled = self._change(
                *where, lambda old: _scaled(kind, body, old), dry_run=options.dry_run
            )
            return scale.from_parent(part.scale, scaled)
        new = checking.read_body(
            kind, body, options, duplicates, api_version=api_version
        )

        def change(old: Object) -> Object:
            if part is None:
                checking.warn_of_unsupported(kind, new, options, old)
            return changing.apply_update(kind, new, old, part)

        return self._change(*where, change, dry_run=options.dry_run)

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
        api_version: str = "",
    ) -> Object:
        """`api_version` is the version of the patch; if empty, the stored version."""
        options = options or WriteOptions()
        target = resolving.kind(self.catalog, resource, "patch", subresource)
        part = target.subresource(subresource)
        scaling = part.scale if part is not None else None
        if kind is PatchType.APPLY:
            # Before reading: server-side apply may also create objects.
            raise no_server_side_apply()

        def patched(old: Object) -> Object:
            tried = replace(options, warnings=[])  # replaced by each retry
            if scaling is not None:
                shown = scale.from_parent(scaling, old)
                asked = changing.apply_scale_patch(target, shown, patch, kind)
                return _scaled(target, asked, old)
            body = changing.apply_patch(target, old, patch, kind, api_version)
            result = changing.apply_patched_body(target, body, old, part, tried)
            options.warnings[:] = tried.warnings
            return result

        changed = self._change(
            target,
            namespace,
            name,
            lambda old: changing.apply_or_repair(target, old, patched),
            dry_run=options.dry_run,
        )
        return scale.from_parent(scaling, changed) if scaling is not None else changed

    def _change(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        change: Change,
        *,
        dry_run: bool = False,
    ) -> Object:
        """Apply `change` by compare-and-swap, until there is no concurrent change."""
        while True:
            old = self._objects.get(kind, namespace, name)
            version = old["metadata"]["resourceVersion"]
            new = change(old)
            self._admitter.check_change(kind, new, old)
            over = deletion.is_complete(kind, new)
            if dry_run:
                to_bytes(new)
                return new
            if new == old and not over:
                return old
            try:
                if over:
                    return self._objects.remove(kind, new, expected=version)
                return self._objects.replace(kind, new, expected=version)
            except Stale:
                continue

    # -- deleting

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        options: DeleteOptions | None = None,
    ) -> Object:
        return self._delete(
            resolving.kind(self.catalog, resource, "delete"), name, namespace, options
        )

    def _delete(
        self,
        kind: Kind,
        name: str,
        namespace: str,
        options: DeleteOptions | None = None,
        mark: Change = lambda old: old,
    ) -> Object:
        options = options or DeleteOptions()
        deletion.check_options(options)
        closes = kind.deletion.closes_namespace
        try:
            with self._creator.namespaces if closes else nullcontext():
                last = self._change(
                    kind,
                    namespace,
                    name,
                    lambda old: self._deleted(kind, old, mark, options),
                    dry_run=options.dry_run,
                )
        except ApiError as error:
            # A request for a certain uid, as of controllers, must not remove a damaged
            # object, whose uid is unknown.
            if error.reason != STORAGE_READ_ERROR or options.uid or options.dry_run:
                raise
            self._objects.discard(kind, namespace, name)
            return deletion.success_status(kind, {"metadata": {"name": name}})
        if kind.deletion.answers_object or not deletion.is_complete(kind, last):
            return last
        return deletion.success_status(kind, last)

    def _deleted(
        self, kind: Kind, old: Object, mark: Change, options: DeleteOptions
    ) -> Object:
        planned = deletion.plan_or_repair(kind, old, mark, options, self._clock.now())
        return checking.to_stored(kind, planned)

    def delete_collection(
        self,
        resource: str,
        namespace: str,
        *,
        labels: str = "",
        fields: str = "",
        options: DeleteOptions | None = None,
    ) -> ObjectList:
        kind = resolving.kind(self.catalog, resource, "deletecollection")
        selection = Selection(kind, labels, fields)
        found = listing.list_objects(self._objects, kind, namespace, selection)
        places = [
            (item["metadata"].get("namespace", ""), item["metadata"]["name"])
            for item in found.items
        ]
        if selection.matches_all:
            places += [p for p in found.unreadable if namespace in ("", p[0])]
        for space, name in places:
            try:
                self._delete(kind, name, space, options)
            except ApiError as error:
                # Already deleted by another request.
                if error.code != 404:
                    raise
        return found

    # -- pods

    def bind(
        self, pod: str, namespace: str, node: str, *, dry_run: bool = False
    ) -> None:
        pods = resolving.kind(self.catalog, POD.resource, "create", "binding")
        now = self._clock.now()
        self._change(
            pods,
            namespace,
            pod,
            lambda old: checking.to_stored(pods, binding.bind(old, node, now)),
            dry_run=dry_run,
        )

    def evict(self, pod: str, namespace: str, options: DeleteOptions) -> None:
        """Raises ApiError 429 if a PodDisruptionBudget does not allow it."""
        self._evictions.evict(pod, namespace, options)


def _scaled(kind: Kind, asked: Object, old: Object) -> Object:
    scale.check_kind(asked)
    shaped = checking.read_subresource_body(scale.API_VERSION, scale.KIND, asked)
    return changing.apply_update(kind, scale.apply(kind, shaped, old), old, None)

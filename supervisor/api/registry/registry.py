"""The API in this process: every verb on every kind, over the store.

Rules
- Each change reads, decides and swaps; a change that gave no resourceVersion and met
  another one tries again with what is there now, any other is a conflict.
- A change that changes nothing writes nothing, and keeps the resourceVersion.
- A dry run does all but write.

Satisfies client.base.Client; the HTTP API is a thin layer over it.
Follows apiserver/pkg/registry/generic/registry/store.go.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from supervisor.api import scheme
from supervisor.api.patch import no_server_side_apply
from supervisor.api.registry import (
    binding,
    changing,
    checking,
    creation,
    deletion,
    eviction,
    listing,
    namespaces,
    reviews,
    scaling,
)
from supervisor.api.registry.care import StoreCare
from supervisor.api.registry.records import Records, to_bytes
from supervisor.api.registry.selecting import Selection
from supervisor.api.registry.watching import RegistryWatch, WatchCursor
from supervisor.api.scheme import Resource
from supervisor.client.base import (
    DeleteOptions,
    ObjectList,
    PatchType,
    Watch,
    WriteOptions,
)
from supervisor.machinery.clock import Clock
from supervisor.model.errors import (
    STORAGE_READ_ERROR,
    ApiError,
    method_not_allowed,
    unknown_path,
)
from supervisor.model.failover import TOLERATION_SECONDS
from supervisor.model.meta import Object
from supervisor.store.base import Stale, Store

Change = Callable[[Object], Object]


class Registry:
    """One per store. `user` is who all requests come from.

    Pods that say nothing about it tolerate a lost node for `toleration_seconds`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        user: str = "supervisor:admin",
        toleration_seconds: int = TOLERATION_SECONDS,
    ) -> None:
        self._records = Records(store)
        self._clock = clock
        self._creator = creation.Creator(self._records, clock)
        self._user = user
        self._toleration_seconds = toleration_seconds
        #: What people do about a store that was lost or damaged.
        self.care = StoreCare(self._records, self._creator, clock, toleration_seconds)
        namespaces.ensure(self)

    # -- reading

    def get(
        self, resource: str, name: str, namespace: str = "", *, subresource: str = ""
    ) -> Object:
        kind = _served(resource, "get", subresource)
        found = self._records.get(kind, namespace, name)
        return scaling.of(found) if subresource == "scale" else found

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
        kind = _served(resource, "list")
        return listing.read(
            self._records,
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
        """A watch that is polled rather than iterated over, and holds no thread.

        With `initial` it begins with what there is, whatever `since` says.
        """
        kind = _served(resource, "watch")
        selection = Selection(kind, labels, fields)
        return WatchCursor(
            self._records, kind, namespace, selection, since=since, initial=initial
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
    ) -> Object:
        """`duplicates` are paths that the text of `body` had more than once."""
        options = options or WriteOptions()
        kind = _served(resource, "create")
        obj = checking.read(kind, body, options, duplicates)
        if kind.virtual:
            answer = reviews.answer(kind, obj, self._user)
            return checking.written(kind, answer)
        creation.place(kind, obj, namespace)
        checking.warn_of_unhonoured(kind, obj, options)
        generated = not obj["metadata"].get("name")
        creation.fill_in(obj, self._clock.now())
        obj = checking.new_object(
            kind, obj, toleration_seconds=self._toleration_seconds
        )
        if kind.name == "pods":
            creation.gate(obj, self._clock.now())
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
    ) -> Object:
        """`subresource` may also be `finalize`, of namespaces."""
        options = options or WriteOptions()
        kind = _served(resource, "update", subresource)
        meta = body.get("metadata") or {}
        where = (kind, meta.get("namespace") or "", meta.get("name") or "")
        if subresource == "scale":
            scaled = self._change(
                *where,
                lambda old: self._scaled(kind, body, old),
                dry_run=options.dry_run,
            )
            return scaling.of(scaled)
        new = checking.read(kind, body, options, duplicates)

        def change(old: Object) -> Object:
            if not subresource:
                checking.warn_of_unhonoured(kind, new, options, old)
            return changing.updated(kind, new, old, subresource)

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
    ) -> Object:
        options = options or WriteOptions()
        target = _served(resource, "patch", subresource)
        if kind is PatchType.APPLY:
            # Also where there is no such object yet: it would have created it.
            raise no_server_side_apply()

        def patched(old: Object) -> Object:
            # Each try names its warnings anew.
            tried = replace(options, warnings=[])
            if subresource == "scale":
                shown = scaling.of(old)
                scale = changing.patched_scale(target, shown, patch, kind)
                return self._scaled(target, scale, old)
            body = changing.patched(target, old, patch, kind)
            new = checking.read(target, body, tried)
            if not subresource:
                checking.warn_of_unhonoured(target, new, tried, old)
            result = changing.updated(target, new, old, subresource)
            options.warnings[:] = tried.warnings
            return result

        changed = self._change(
            target,
            namespace,
            name,
            lambda old: changing.mended(target, old, patched),
            dry_run=options.dry_run,
        )
        return scaling.of(changed) if subresource == "scale" else changed

    def _scaled(self, resource: Resource, scale: Object, old: Object) -> Object:
        new = scaling.apply(resource, scale, old)
        return changing.updated(resource, new, old, "")

    def _change(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Change,
        *,
        dry_run: bool = False,
    ) -> Object:
        """Read, `change` and swap until nobody comes between."""
        while True:
            old = self._records.get(resource, namespace, name)
            version = old["metadata"]["resourceVersion"]
            new = change(old)
            over = deletion.is_over(new)
            if dry_run:
                to_bytes(new)
                return new
            if new == old and not over:
                return old
            try:
                if over:
                    return self._records.remove(resource, new, expected=version)
                return self._records.replace(resource, new, expected=version)
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
        return self._delete(_served(resource, "delete"), name, namespace, options)

    def _delete(
        self,
        kind: Resource,
        name: str,
        namespace: str,
        options: DeleteOptions | None = None,
        mark: Change = lambda old: old,
    ) -> Object:
        options = options or DeleteOptions()
        deletion.check_options(options)
        ends_a_namespace = kind.name == "namespaces"
        try:
            with self._creator.namespaces if ends_a_namespace else nullcontext():
                last = self._change(
                    kind,
                    namespace,
                    name,
                    lambda old: self._deleted(kind, old, mark, options),
                    dry_run=options.dry_run,
                )
        except ApiError as error:
            # Who asks for an incarnation, as controllers do, cannot mean a damaged one.
            if error.reason != STORAGE_READ_ERROR or options.uid or options.dry_run:
                raise
            self._records.discard(kind, namespace, name)
            return deletion.success(kind, {"metadata": {"name": name}})
        if kind.answers_deleted or not deletion.is_over(last):
            return last
        return deletion.success(kind, last)

    def _deleted(
        self, kind: Resource, old: Object, mark: Change, options: DeleteOptions
    ) -> Object:
        planned = deletion.planned(kind, old, mark, options, self._clock.now())
        return checking.written(kind, planned)

    def delete_collection(
        self,
        resource: str,
        namespace: str,
        *,
        labels: str = "",
        fields: str = "",
        options: DeleteOptions | None = None,
    ) -> ObjectList:
        kind = _served(resource, "deletecollection")
        selection = Selection(kind, labels, fields)
        found = listing.read(self._records, kind, namespace, selection)
        places = [
            (item["metadata"].get("namespace", ""), item["metadata"]["name"])
            for item in found.items
        ]
        if selection.everything:
            places += [p for p in found.unreadable if namespace in ("", p[0])]
        for space, name in places:
            try:
                self._delete(kind, name, space, options)
            except ApiError as error:
                # Someone else was faster.
                if error.code != 404:
                    raise
        return found

    # -- pods

    def bind(
        self, pod: str, namespace: str, node: str, *, dry_run: bool = False
    ) -> None:
        pods = _served("pods", "create", "binding")
        now = self._clock.now()
        self._change(
            pods,
            namespace,
            pod,
            lambda old: checking.written(pods, binding.bound(old, node, now)),
            dry_run=dry_run,
        )

    def evict(self, pod: str, namespace: str, options: DeleteOptions) -> None:
        pods, now = _served("pods", "create", "eviction"), self._clock.now()
        self._delete(pods, pod, namespace, options, lambda p: eviction.marked(p, now))


def _served(resource: str, verb: str, subresource: str = "") -> Resource:
    """The resource, if it has that verb. Raises ApiError 404, 405."""
    found = scheme.lookup(resource)
    verbs = found.verbs
    if subresource:
        sub = found.subresource(subresource)
        if sub is None:
            raise unknown_path()
        verbs = sub.verbs
    if verb not in verbs:
        raise method_not_allowed(verb, resource)
    return found

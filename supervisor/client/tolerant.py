"""A client that hides objects that its reader cannot process.

The reader processes objects as they are, which is fast. If it fails with an unexpected
exception, every object that it reads is validated. Unreadable ones are hidden, and
repairable ones replaced by a repaired copy, until somebody changes them; then the
reader is run again.

Rules
- An ApiError is not caused by an object, and is passed on.
- If no object explains the failure, the exception is passed on.
- A hidden object still exists: lists name it in `unreadable`, and `get` raises
  StorageReadError, as for an object that is damaged in the store. A reader that treated
  it as deleted would delete its dependents.
- Each hidden or repaired object is reported (client/unreadable).
"""

import logging
import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeVar

from supervisor.client.base import (
    Client,
    DeleteOptions,
    ObjectList,
    PatchType,
    Watch,
    WriteOptions,
    namespaced_name,
)
from supervisor.client.unreadable import UnreadableReporter
from supervisor.kinds.examining import Verdict, examine, resource_of
from supervisor.model.errors import ApiError, unreadable
from supervisor.model.meta import Object

T = TypeVar("T")
_log = logging.getLogger(__name__)


class TolerantClient:
    """Implements client.base.Client. `reader` is the name used in reports.

    Watches are not filtered: `Feed` handles unreadable objects itself.
    """

    def __init__(self, client: Client, reader: str) -> None:
        self._client = client
        self._reporter = UnreadableReporter(client, reader)
        self._lock = threading.Lock()
        #: Resources that the reader has read.
        self._read: set[str] = set()
        #: (resourceVersion, verdict) of invalid objects, by uid. Replaced, never
        #: changed.
        self._faulty: dict[str, tuple[str, Verdict]] = {}

    def guard(
        self, work: Callable[[], T], *, passing: tuple[type[Exception], ...] = ()
    ) -> T:
        """Call `work`, which reads through this client, and return its result.

        If it fails because of an object, it is called again with that object hidden.
        `passing` are exceptions that, like ApiError, are not caused by objects.
        """
        known: tuple[type[Exception], ...] = (ApiError, *passing)
        try:
            return work()
        except known:
            raise
        except Exception:
            for closely in (False, True):
                if not self._examine(closely=closely):
                    continue
                try:
                    return work()
                except known:
                    raise
                except Exception as error:  # noqa: BLE001  the first error is raised
                    _log.debug("still failing: %s", error)
            raise

    def try_read(self, obj: Object, read: Callable[[Object], None]) -> bool:
        """Call `read` with `obj`, or with a repaired copy; False if both fail."""
        try:
            read(obj)
            return True
        except Exception as error:  # noqa: BLE001  an invalid object may cause any
            because = repr(error)
        resource = resource_of(obj) or ""
        verdict = examine(resource, obj, closely=True)
        self._reporter.report(resource, obj, verdict.because or because)
        if verdict.obj is None or verdict.obj == obj:
            return False
        try:
            read(verdict.obj)
        except Exception as error:  # noqa: BLE001
            _log.debug("still unreadable: %s", error)
            return False
        return True

    def _examine(self, *, closely: bool) -> bool:
        """Validate every object that the reader reads; True if any verdict is new."""
        found_new = False
        for resource in sorted(self._read):
            for obj in self._client.list(resource).items:
                uid, version = _identity(obj)
                known = self._faulty.get(uid)
                if known is None or known[0] != version or (closely and known[1].obj):
                    verdict = examine(resource, obj, closely=closely)
                    found_new |= self._record(resource, obj, verdict)
        return found_new

    def _record(self, resource: str, obj: Object, verdict: Verdict) -> bool:
        """Store the verdict on an object; True if it differs from the last one."""
        uid, version = _identity(obj)
        with self._lock:
            before = self._faulty.get(uid)
            if verdict.obj == obj:
                if before is not None:
                    self._faulty = {u: f for u, f in self._faulty.items() if u != uid}
                return before is not None
            self._faulty = self._faulty | {uid: (version, verdict)}
        if verdict.because:
            self._reporter.report(resource, obj, verdict.because)
        return before != (version, verdict)

    def _filtered(self, resource: str, obj: Object) -> Object | None:
        """The object or its repaired copy; None if it is hidden from the reader."""
        uid, version = _identity(obj)
        known = self._faulty.get(uid)
        if known is None:
            return obj
        if known[0] == version:
            return deepcopy(known[1].obj)
        # It was invalid and has changed since; validate the new version.
        verdict = examine(resource, obj, closely=True)
        self._record(resource, obj, verdict)
        return deepcopy(verdict.obj)

    # -- reading

    def get(self, resource: str, name: str, namespace: str = "") -> Object:
        self._read.add(resource)
        found = self._client.get(resource, name, namespace)
        filtered = self._filtered(resource, found) if self._faulty else found
        if filtered is None:
            raise unreadable(resource, name, f"{resource} {name} cannot be read")
        return filtered

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
        self._read.add(resource)
        found = self._client.list(
            resource,
            namespace,
            labels=labels,
            fields=fields,
            limit=limit,
            continue_token=continue_token,
        )
        if not self._faulty:
            return found
        pairs = [(obj, self._filtered(resource, obj)) for obj in found.items]
        items = [readable for _, readable in pairs if readable is not None]
        hidden = {namespaced_name(obj) for obj, readable in pairs if readable is None}
        return replace(found, items=items, unreadable=found.unreadable | hidden)

    def watch(self, resource: str, namespace: str = "", **selected: Any) -> Watch:
        return self._client.watch(resource, namespace, **selected)

    # -- writing: delegated

    def create(
        self,
        resource: str,
        body: Object,
        namespace: str = "",
        options: WriteOptions | None = None,
    ) -> Object:
        return self._client.create(resource, body, namespace, options)

    def update(
        self,
        resource: str,
        body: Object,
        *,
        subresource: str = "",
        options: WriteOptions | None = None,
    ) -> Object:
        return self._client.update(
            resource, body, subresource=subresource, options=options
        )

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
        return self._client.patch(
            resource,
            name,
            namespace,
            patch,
            kind,
            subresource=subresource,
            options=options,
        )

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        options: DeleteOptions | None = None,
    ) -> Object:
        return self._client.delete(resource, name, namespace, options)

    def delete_collection(
        self,
        resource: str,
        namespace: str,
        *,
        labels: str = "",
        fields: str = "",
        options: DeleteOptions | None = None,
    ) -> ObjectList:
        return self._client.delete_collection(
            resource, namespace, labels=labels, fields=fields, options=options
        )

    def bind(self, pod: str, namespace: str, node: str) -> None:
        self._client.bind(pod, namespace, node)

    def evict(self, pod: str, namespace: str, options: DeleteOptions) -> None:
        self._client.evict(pod, namespace, options)


def _identity(obj: Object) -> tuple[str, str]:
    meta = obj["metadata"]
    return str(meta["uid"]), str(meta.get("resourceVersion", ""))

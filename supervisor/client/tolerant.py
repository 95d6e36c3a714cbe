"""A Client whose reader is never stopped by one object that it cannot read.

The reader works with objects as they are, which is fast. When that fails in a way that
only a bug or an object can explain, everything it reads is examined; what turns out to
be unreadable is left out from then on, until somebody changes it, and the work is done
again at once.

Rules
- An ApiError says nothing about objects, and passes through.
- A failure for which no object is to blame is raised, as without this.
- What is left out is there all the same: lists name it as `unreadable`, and asking for
  it is a StorageReadError, as for an object that is damaged in the store. A reader that
  took it for gone would delete what belongs to it.
- Each object that is left out, or read differently, is told of (`unreadable`).
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
    """Satisfies client.base.Client. `reader` is named in what is told.

    Watches are those of the client behind it: a Feed looks after itself.
    """

    def __init__(self, client: Client, reader: str) -> None:
        self._client = client
        self._reporter = UnreadableReporter(client, reader)
        self._lock = threading.Lock()
        #: The resources that the reader has read.
        self._read: set[str] = set()
        #: What was found of objects that are not as they should be, by their uid, with
        #: the version that it was found of. Replaced, never changed.
        self._faulty: dict[str, tuple[str, Verdict]] = {}

    def guard(
        self, work: Callable[[], T], *, passing: tuple[type[Exception], ...] = ()
    ) -> T:
        """The result of `work`, which reads through this client.

        `passing` are exceptions that, like ApiError, say nothing about objects.
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
                except Exception as error:  # noqa: BLE001  the first one is raised
                    _log.debug("still failing: %s", error)
            raise

    def try_read(self, obj: Object, look: Callable[[Object], None]) -> bool:
        """Have `look` read one object, repaired if need be; False if it cannot."""
        try:
            look(obj)
            return True
        except Exception as error:  # noqa: BLE001  whatever an odd object leads to
            because = repr(error)
        resource = resource_of(obj) or ""
        verdict = examine(resource, obj, closely=True)
        self._reporter.report(resource, obj, verdict.because or because)
        if verdict.obj is None or verdict.obj == obj:
            return False
        try:
            look(verdict.obj)
        except Exception as error:  # noqa: BLE001
            _log.debug("still unreadable: %s", error)
            return False
        return True

    def _examine(self, *, closely: bool) -> bool:
        """Look at all that the reader reads; whether anything new was found."""
        news = False
        for resource in sorted(self._read):
            for obj in self._client.list(resource).items:
                uid, version = _identity(obj)
                known = self._faulty.get(uid)
                if known is None or known[0] != version or (closely and known[1].obj):
                    verdict = examine(resource, obj, closely=closely)
                    news |= self._note(resource, obj, verdict)
        return news

    def _note(self, resource: str, obj: Object, verdict: Verdict) -> bool:
        """Remember what was found of an object; whether that is new."""
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

    def _shown(self, resource: str, obj: Object) -> Object | None:
        """The object as the reader gets it; None when it had better not."""
        uid, version = _identity(obj)
        known = self._faulty.get(uid)
        if known is None:
            return obj
        if known[0] == version:
            return deepcopy(known[1].obj)
        # It was faulty, and has changed: it may be so in another way.
        verdict = examine(resource, obj, closely=True)
        self._note(resource, obj, verdict)
        return deepcopy(verdict.obj)

    # -- reading

    def get(self, resource: str, name: str, namespace: str = "") -> Object:
        self._read.add(resource)
        found = self._client.get(resource, name, namespace)
        shown = self._shown(resource, found) if self._faulty else found
        if shown is None:
            raise unreadable(resource, name, f"{resource} {name} cannot be read")
        return shown

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
        shown = [(obj, self._shown(resource, obj)) for obj in found.items]
        items = [repaired for _, repaired in shown if repaired is not None]
        hidden = {namespaced_name(obj) for obj, repaired in shown if repaired is None}
        return replace(found, items=items, unreadable=found.unreadable | hidden)

    def watch(self, resource: str, namespace: str = "", **selected: Any) -> Watch:
        return self._client.watch(resource, namespace, **selected)

    # -- writing: as the client behind it

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

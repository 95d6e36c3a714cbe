"""The pods that are bound to this node, as the API has them now.

Rules
- Nothing may be concluded from a pod's absence before the first full list has come.
- A change of anything but the status wakes the pod's worker; a change of the status,
  unless it is our own, wakes only the reporter. A phase of Failed or Succeeded wakes
  the worker too: others may end a pod so, and its containers have to stop. So does the
  start time from which activeDeadlineSeconds count.
- An older version never replaces a newer one, whichever way the two have come.
- A pod whose object went away is remembered until nothing of it is left here: its
  spec tells how it wants to be stopped.
- A pod whose object cannot be read goes on as it was last understood. One that was
  never understood is left alone: its containers are neither kept up nor removed.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from supervisor.client.base import Client, WatchEvent
from supervisor.client.feed import SYNCED, Feed
from supervisor.client.unreadable import UnreadableReporter
from supervisor.kinds.identity import POD
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.model.times import to_seconds


@dataclass(frozen=True)
class PodRecord:
    """A pod as the API has it: `obj` to refer to, `pod` to decide by."""

    obj: Object
    pod: Pod

    @property
    def uid(self) -> str:
        return self.pod.metadata.uid

    @property
    def title(self) -> str:
        return f"{self.pod.metadata.namespace}/{self.pod.metadata.name}"


class BoundPods:
    """`wanted(uid)` is called when a pod's spec or metadata changed, or it came or
    went; `reported(uid)` when only its status did; `complete()` after each full list.
    """

    def __init__(
        self,
        client: Client,
        node_name: str,
        *,
        wanted: Callable[[str], None],
        reported: Callable[[str], None],
        complete: Callable[[], None],
    ) -> None:
        self._wanted = wanted
        self._reported = reported
        self._complete = complete
        self._lock = threading.Lock()
        self._present: dict[str, PodRecord] = {}
        self._departed: dict[str, PodRecord] = {}
        #: Pods that stand in the API and were never understood.
        self._unread: set[str] = set()
        self._telling = UnreadableReporter(client, f"agent-{node_name}")
        #: Whether a full list has been delivered once.
        self.is_complete = False
        self._feed = Feed(
            client, POD.resource, self.hear, fields=f"spec.nodeName={node_name}"
        )

    def start(self) -> None:
        self._feed.start()

    def stop(self) -> None:
        self._feed.stop()

    def get(self, uid: str) -> PodRecord | None:
        with self._lock:
            return self._present.get(uid)

    def records(self) -> list[PodRecord]:
        """All pods that the API has on this node."""
        with self._lock:
            return list(self._present.values())

    def departed(self, uid: str) -> PodRecord | None:
        """A pod whose object is gone but of which something may be left here."""
        with self._lock:
            return self._departed.get(uid)

    def is_unread(self, uid: str) -> bool:
        """Whether the API has the pod, but in a form that cannot be understood."""
        with self._lock:
            return uid in self._unread

    def forget(self, uid: str) -> None:
        """Nothing is left of a departed pod."""
        with self._lock:
            self._departed.pop(uid, None)

    def uids(self) -> list[str]:
        with self._lock:
            return [*self._present, *self._departed]

    def put(self, obj: Object) -> None:
        """A version of a pod that we got as an answer of the API.

        The feed may have brought a newer one meanwhile, which stays; and what the feed
        has yet to bring, such as a deletion, may be part of it already.
        """
        record = self._read(obj)
        if record is None:
            return
        with self._lock:
            before = self._present.get(record.uid)
            if before is None or _version(before) > _version(record):
                return
            self._present[record.uid] = record
        if _differs(before, record):
            self._wanted(record.uid)

    def remove(self, uid: str) -> None:
        """The API has just let go of this pod; its feed will say so, too."""
        with self._lock:
            record = self._present.pop(uid, None)
            if record is not None:
                self._departed[uid] = record

    def hear(self, event: WatchEvent) -> None:
        """Take note of a change; must not block."""
        if event.type == SYNCED:
            self.is_complete = True
            self._complete()
            return
        uid = str(event.object["metadata"]["uid"])
        record = self._read(event.object)
        if record is None:
            self._miss(uid, is_gone=event.type == "DELETED")
            return
        with self._lock:
            self._unread.discard(uid)
            before = self._present.pop(uid, None)
            if event.type == "DELETED":
                self._departed[uid] = record
            elif before is not None and _version(before) > _version(record):
                self._present[uid] = before
                return
            else:
                self._present[uid] = record
        if before is None or event.type == "DELETED" or _differs(before, record):
            self._wanted(uid)
        elif before.obj.get("status") != record.obj.get("status"):
            self._reported(uid)

    def _miss(self, uid: str, *, is_gone: bool) -> None:
        """An event that cannot be understood: its pod stays as known, or is gone."""
        with self._lock:
            if not is_gone:
                if uid not in self._present:
                    self._unread.add(uid)
                return
            self._unread.discard(uid)
            record = self._present.pop(uid, None)
            if record is not None:
                self._departed[uid] = record
        self._wanted(uid)

    def _read(self, obj: Object) -> PodRecord | None:
        obj.setdefault("apiVersion", "v1")
        obj.setdefault("kind", POD.kind)
        read = self._telling.decode(POD.resource, Pod, obj)
        if read is not None and not _has_instants(read[1]):
            read = self._telling.decode_repaired(POD.resource, Pod, obj)
        return PodRecord(*read) if read is not None else None


def _has_instants(pod: Pod) -> bool:
    """Whether the times by which we act, which are text in the types, are times."""
    try:
        for text in (pod.metadata.deletion_timestamp, pod.status.start_time):
            if text is not None:
                to_seconds(text)
    except ValueError:
        return False
    return True


def _version(record: PodRecord) -> int:
    """Versions of one API grow; of an unknown sort, all count as new."""
    text = record.pod.metadata.resource_version
    return int(text) if text.isdigit() else 0


def _differs(before: PodRecord, after: PodRecord) -> bool:
    if before.pod.spec != after.pod.spec:
        return True
    if _is_bound_to_end(before.pod) != _is_bound_to_end(after.pod):
        return True
    same = msgspec.structs.replace(
        after.pod.metadata, resource_version=before.pod.metadata.resource_version
    )
    return before.pod.metadata != same


def _is_bound_to_end(pod: Pod) -> tuple[bool, bool]:
    """What of its status has a pod stop: it is over, or its deadline is known now."""
    has_deadline = pod.spec.active_deadline_seconds is not None
    return pod.is_finished, has_deadline and pod.status.start_time is not None

"""Pods that run here and that the API does not know: removed, or held for a decision.

Rules
- A pod is held if the store may have lost it (`plan/custody`). Nothing is removed of a
  held pod, and nothing started, until its object is there again, or a person has
  decided that the store is right. Its containers go on running.
- What is held is told: by an event and a log line when it begins, and by a condition of
  the Node for as long as it lasts.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from supervisor.agent import origin
from supervisor.agent.plan import custody
from supervisor.client.node import HeldPod
from supervisor.client.store_view import StoreView
from supervisor.model.errors import ApiError
from supervisor.runtime.base import ObservedPod, Runtime
from supervisor.runtime.origin_labels import MANIFEST

_UNKNOWN = "the store cannot be asked"
_MOST_NAMED = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Held:
    title: str
    why: str


class Custody:
    """`changed(text)` is called with what is new when more or fewer pods are held."""

    def __init__(
        self, runtime: Runtime, store: StoreView, changed: Callable[[str], None]
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._changed = changed
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}

    def holds(self, seen: ObservedPod, *, departed: bool) -> bool:
        """Whether a pod that the API does not know must be left as it is."""
        why = self._objection(seen, departed)
        if not why:
            self.release(seen.uid)
            return False
        held = _Held(f"{seen.namespace}/{seen.name}", why)
        with self._lock:
            before, self._held[seen.uid] = self._held.get(seen.uid), held
        if before != held:
            text = (
                f"pod {held.title} runs here and the API does not know it, but {why}: "
                "it is left as it is until `supervisor adopt` decides"
            )
            _log.warning("%s", text)
            self._changed(text)
        return True

    def _objection(self, seen: ObservedPod, departed: bool) -> str:
        origins = [
            origin.read(each.labels) for each in (*seen.sandboxes, *seen.containers)
        ]
        try:
            lineage = self._store.lineage()
            unreadable = self._store.unreadable_pods()
        except ApiError:
            return _UNKNOWN
        return custody.objection(seen, origins, lineage, unreadable, departed=departed)

    def release(self, uid: str) -> None:
        """The pod is known again, or nothing is left of it."""
        with self._lock:
            held = self._held.pop(uid, None)
        if held is not None:
            self._changed("")

    def uids(self) -> list[str]:
        with self._lock:
            return list(self._held)

    def message(self) -> str:
        """What is held, for the Node's condition; empty for nothing."""
        with self._lock:
            held = sorted(self._held.values(), key=lambda each: each.title)
        if not held:
            return ""
        named = ", ".join(f"{each.title} ({each.why})" for each in held[:_MOST_NAMED])
        more = f" and {len(held) - _MOST_NAMED} more" if len(held) > _MOST_NAMED else ""
        return (
            f"{len(held)} pod(s) run here that the API does not know: {named}{more}; "
            "`supervisor adopt` creates them again, `supervisor adopt --accept-loss` "
            "has them removed"
        )

    def pods(self) -> list[HeldPod]:
        """What is held, with all that is known of it. Raises RuntimeFailure."""
        found = []
        for uid in self.uids():
            seen = self._runtime.pod(uid)
            with self._lock:
                held = self._held.get(uid)
            if seen is not None and held is not None:
                found.append(_shown(seen, held.why))
        return found


def _shown(seen: ObservedPod, why: str) -> HeldPod:
    everything = (*seen.sandboxes, *seen.containers)
    packed = [each.labels.get(MANIFEST, "") for each in seen.sandboxes]
    manifest = next((pod for text in packed if (pod := origin.unpacked(text))), None)
    images = {}
    for each in reversed(seen.containers):  # the newest last
        images[each.name] = each.image
    return HeldPod(
        uid=seen.uid,
        namespace=seen.namespace,
        name=seen.name,
        because=why,
        manifest=manifest,
        images=images,
        sessions=frozenset(origin.read(each.labels).session for each in everything),
    )

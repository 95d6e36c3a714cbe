"""Pods that run here and that the API does not know: removed, or held for a decision.

Rules
- A pod is held if the store may have lost it (`plan/custody`). Nothing is removed of a
  held pod, and nothing started, until its object is there again, or a person has
  decided that the store is right. Its containers go on running.
- A store that holds less than what runs is told of once, even if nothing is held.
- What is held is told: by an event and a log line when it begins, and by a condition of
  the Node for as long as it lasts.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from supervisor.agent.pods import origin
from supervisor.agent.pods.plan import custody
from supervisor.client.node import HeldPod
from supervisor.client.store_view import StoreView
from supervisor.model.errors import ApiError
from supervisor.runtime.base import ObservedPod, Runtime
from supervisor.runtime.base.origin_labels import MANIFEST

_UNKNOWN = "the store cannot be asked"
_MAX_NAMED = 3
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
        self._told = False

    def holds(self, seen: ObservedPod, *, departed: bool) -> bool:
        """Whether a pod that the API does not know must be left as it is."""
        why = self._objection(seen, departed=departed)
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

    def _objection(self, seen: ObservedPod, *, departed: bool) -> str:
        origins = [
            origin.read(each.labels) for each in (*seen.sandboxes, *seen.containers)
        ]
        try:
            lineage = self._store.lineage()
            unreadable = self._store.unreadable_pods()
        except ApiError:
            return _UNKNOWN
        return custody.objection(seen, origins, lineage, unreadable, departed=departed)

    def compare(self, pods: Iterable[ObservedPod]) -> None:
        """Tell once if more runs here than the store holds, whether or not it knows the
        pods: somebody has set it back.
        """
        ahead = []
        for seen in pods:
            why = self._objection(seen, departed=False)
            if why and why != _UNKNOWN:
                ahead.append(f"{seen.namespace}/{seen.name} ({why})")
        if not ahead or self._told:
            return
        self._told = True
        named = ", ".join(sorted(ahead)[:_MAX_NAMED])
        text = (
            f"{len(ahead)} pod(s) were started from what the store does not hold: "
            f"{named}; those that it knows are taken up, others are held"
        )
        _log.warning("%s", text)
        self._changed(text)

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
        named = ", ".join(f"{each.title} ({each.why})" for each in held[:_MAX_NAMED])
        more = f" and {len(held) - _MAX_NAMED} more" if len(held) > _MAX_NAMED else ""
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

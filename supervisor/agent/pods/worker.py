"""Keep each pod as declared: read what is, plan, act, look again.

Rules
- Whatever happens only wakes a pod's key; what to do follows from what is seen then.
- One worker at a time has a pod, and a pod that takes long to stop delays no other.
- A pod that the API does not know is stopped and removed, but only after the API has
  told all that it knows, and not if the store may have lost it (`custody`).
- While the engine is away nothing is concluded; when it is back, everything is looked
  at again.

Follows pkg/kubelet/pod_workers.go and pkg/kubelet/kubelet.go (syncPod).
"""

import threading

from supervisor.agent.node import engine_health
from supervisor.agent.node.status import MAX_PODS
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.execute.performing import Performer
from supervisor.agent.pods.plan import Plan, stopping
from supervisor.agent.pods.plan.actions import DeletePod
from supervisor.agent.pods.plan.pod import decide
from supervisor.agent.pods.plan.restarts import malformed_annotations
from supervisor.agent.pods.plan.steps import full_name, pod_grace
from supervisor.agent.pods.reports import Reporter
from supervisor.agent.pool import Pool
from supervisor.agent.site import Site
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError
from supervisor.model.lineage import ADOPTED
from supervisor.model.times import to_seconds
from supervisor.runtime.base import EngineUnavailable, ObservedPod, RuntimeFailure

_DELETED_SECONDS = 30.0
_HELD_SECONDS = 30.0
_MAX_ROUNDS = 8
_ANNOUNCE_SECONDS = 10.0
"""A crash loop is told this often at most, however often we look at it."""
Picture = tuple[tuple[str, str], ...]
"""Ids and states of all that a pod has on the engine_health."""


class PodWorkers:
    def __init__(
        self,
        site: Site,
        performer: Performer,
        reporter: Reporter,
    ) -> None:
        self._site = site
        self._runtime = site.runtime
        self._clock = site.clock
        self._bound_pods = site.bound_pods
        self._performer = performer
        self._start_limiter = site.start_limiter
        self._reporter = reporter
        self._lock = threading.Lock()
        #: Pods that a worker has in hand.
        self._busy: set[str] = set()
        #: What each pod looked like when its worker last left it.
        self._pictures: dict[str, Picture] = {}
        #: Pods whose annotations were complained about.
        self._warned: set[str] = set()
        #: When each container's crash loop was announced last.
        self._announced: dict[tuple[str, str], float] = {}
        self.pool = Pool(
            POD.resource,
            self.reconcile,
            site.clock,
            most=MAX_PODS,
            expected=(ApiError, RuntimeFailure),
        )

    def wake(self, pod_uid: str) -> None:
        self.pool.controller.wake(pod_uid)

    def changed(self, pod_uid: str) -> None:
        """The pod's object has changed; a deletion shortens what is under way."""
        record = self._bound_pods.get(pod_uid)
        if record is None:
            self._performer.hasten(pod_uid, self._clock.now())
        elif (text := record.pod.metadata.deletion_timestamp) is not None:
            self._performer.hasten(pod_uid, to_seconds(text) + 1)
        elif record.pod.is_finished:
            grace = pod_grace(record.pod)
            self._performer.hasten(pod_uid, self._clock.now() + grace)
        self.notice(pod_uid)

    def notice(self, pod_uid: str) -> None:
        """Look at a pod again, and report it."""
        self.wake(pod_uid)
        with self._lock:
            busy = pod_uid in self._busy
        if busy or self._bound_pods.get(pod_uid) is None:
            # A worker reports what it sees, but this one may have to wait for a stop.
            self._reporter.wake(pod_uid)

    def resync(self) -> None:
        """Wake every pod that does not look as its worker has left it."""
        present = self._runtime.pods()
        with self._lock:
            pictures = dict(self._pictures)
        for uid in {*present, *pictures, *self._bound_pods.uids()}:
            if pictures.get(uid) != _picture(present.get(uid)):
                self.notice(uid)

    def wake_all(self) -> None:
        """Look at every pod that the API or the engine knows."""
        present = self._runtime.pods()
        undecided = [p for uid, p in present.items() if not self._is_adopted(uid)]
        self._site.custody.compare(undecided)
        for uid in {*present, *self._bound_pods.uids()}:
            self.notice(uid)

    def _is_adopted(self, pod_uid: str) -> bool:
        record = self._bound_pods.get(pod_uid)
        return bool(record and ADOPTED in (record.pod.metadata.annotations or {}))

    def reconcile(self, pod_uid: str) -> float | None:
        with self._lock:
            self._busy.add(pod_uid)
        try:
            return self._reconcile(pod_uid)
        finally:
            self._start_limiter.give_back(pod_uid)
            with self._lock:
                self._busy.discard(pod_uid)

    def _reconcile(self, pod_uid: str) -> float | None:
        record = self._bound_pods.get(pod_uid)
        try:
            self._site.health.require()
            if record is None:
                return self._clear_away(pod_uid)
            return self._bring_about(record)
        except RuntimeFailure as error:
            if isinstance(error, EngineUnavailable):
                self._site.health.lost(error)
                return self._clock.now() + engine_health.RETRY_SECONDS
            if record is not None:
                text = f"error syncing pod: {error}"
                self._site.events.pod(record, "Warning", "FailedSync", text)
            raise

    def _bring_about(self, record: PodRecord) -> float | None:
        uid = record.uid
        self._site.custody.release(uid)
        self._check_annotations(record)
        for number in range(_MAX_ROUNDS):
            seen = self._look(uid)
            it = self._site.situation(record, seen)
            todo = decide(it)
            self._site.silence_probes(it)
            self._announce_waits(record, todo)
            if number or not todo.actions or seen is None:
                # In the first round a start comes first.
                self._reporter.tell(uid, seen)
            if not todo.actions:
                return todo.wake_at
            if not self._performer.perform(todo, uid, record, seen):
                return todo.wake_at
            newer = self._bound_pods.get(uid)
            if newer is None:
                return self._clear_away(uid)
            if isinstance(todo.actions[-1], DeletePod):
                # Somebody's finalizer holds the object: its next change wakes us.
                return self._clock.now() + _DELETED_SECONDS
            # What we have just done has woken us too.
            self.pool.controller.discard_pending(uid)
            record = self._bound_pods.get(uid) or newer
        return self._clock.now()

    def _clear_away(self, pod_uid: str) -> float | None:
        """Stop and remove what is here of a pod that the API does not know."""
        if not self._bound_pods.is_complete or self._bound_pods.is_unread(pod_uid):
            return None
        departed = self._bound_pods.departed(pod_uid)
        custody = self._site.custody
        # Its object went before its containers did: that is a forced deletion.
        grace = None if departed is None else 0.0
        for _ in range(_MAX_ROUNDS):
            seen = self._look(pod_uid)
            if seen is not None and custody.holds(seen, departed=departed is not None):
                return self._clock.now() + _HELD_SECONDS
            if seen is None:
                self._forget(pod_uid)
                return None
            todo = stopping.unknown(seen, grace)
            self._performer.perform(todo, pod_uid, departed, seen)
        return self._clock.now()

    def _look(self, pod_uid: str) -> ObservedPod | None:
        seen = self._runtime.pod(pod_uid)
        with self._lock:
            self._pictures[pod_uid] = _picture(seen)
        return seen

    def _forget(self, pod_uid: str) -> None:
        with self._lock:
            self._pictures.pop(pod_uid, None)
            self._warned.discard(pod_uid)
            for key in [k for k in self._announced if k[0] == pod_uid]:
                del self._announced[key]
        self._performer.forget(pod_uid)
        self._site.custody.release(pod_uid)
        self._bound_pods.forget(pod_uid)
        self._reporter.wake(pod_uid)

    def _announce_waits(self, record: PodRecord, todo: Plan) -> None:
        for waiting in todo.waiting:
            if waiting.reason != "CrashLoopBackOff":
                continue
            name, now = waiting.container, self._clock.now()
            with self._lock:
                last = self._announced.get((record.uid, name))
                if last is not None and now - last < _ANNOUNCE_SECONDS:
                    continue
                self._announced[record.uid, name] = now
            where = full_name(record.pod)
            text = f"Back-off restarting failed container {name} in pod {where}"
            self._site.events.container(record, name, "Warning", "BackOff", text)

    def _check_annotations(self, record: PodRecord) -> None:
        with self._lock:
            if record.uid in self._warned:
                return
            self._warned.add(record.uid)
        for name in malformed_annotations(record.pod):
            value = (record.pod.metadata.annotations or {}).get(name)
            text = f"{name}: {value!r} is no number of seconds; the usual one is used"
            self._site.events.pod(record, "Warning", "InvalidAnnotation", text)


def _picture(seen: ObservedPod | None) -> Picture:
    if seen is None:
        return ()
    return tuple((c.id, c.state.value) for c in (*seen.sandboxes, *seen.containers))

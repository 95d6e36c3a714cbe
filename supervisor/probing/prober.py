"""Probe the containers of one node's pods on their schedules.

Rules
- One worker for each pod, container and kind of probe, from the first `sync` on.
- Until a container has started, only its startup probe runs.
- Each failed attempt is recorded as an event; only a changed result wakes the pod.
- Of a container that is being stopped, only the readiness probe runs. The outcome of a
  liveness or startup attempt in progress is ignored.

Timers come from the clock and attempts from the asker, so that with fakes everything
runs in one thread. A lock guards the workers; it is not held during calls of the asker
or of `wake`.
Follows pkg/kubelet/prober/{prober,prober_manager}.go.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from supervisor.kinds.identity import POD
from supervisor.machinery.clock import Clock
from supervisor.model.meta import Object
from supervisor.model.pod import Container, Pod, Probe
from supervisor.probing.asker import Asker
from supervisor.probing.base import Attempt, Kind, Outcome, Target, Verdicts
from supervisor.probing.worker import Worker
from supervisor.runtime.reach import PodAddress

Record = Callable[[Object, str, str, str, str], None]
"""Called with the pod, the event's type, reason and message, and the field path."""


class _Id(NamedTuple):
    pod_uid: str
    container: str
    kind: Kind


@dataclass
class _ProbedPod:
    reference: Object
    address: PodAddress
    init_names: frozenset[str]
    workers: dict[tuple[str, Kind], Worker] = field(default_factory=dict)


class NodeProber:
    """Satisfies probing.base.Prober."""

    def __init__(
        self,
        asker: Asker,
        clock: Clock,
        wake: Callable[[str], None],
        record: Record,
        *,
        jitter: Callable[[float], float] = lambda period: 0.0,
    ) -> None:
        """`jitter(period)` delays the first tick, so that a daemon starting with many
        pods does not probe all of them at the same instant."""
        self._asker = asker
        self._clock = clock
        self._wake = wake
        self._record = record
        self._jitter = jitter
        self._lock = threading.Lock()
        self._pods: dict[str, _ProbedPod] = {}
        #: Ids of containers that are being stopped, by pod uid. A container may be
        #: stopped before its first `sync`.
        self._stopping: dict[str, set[str]] = {}

    # -- for the agent

    def sync(
        self, pod: Pod, address: PodAddress, targets: Mapping[str, Target]
    ) -> None:
        uid = pod.metadata.uid
        now = self._clock.now()
        due: list[_Id] = []
        with self._lock:
            probed = self._pods.get(uid)
            if probed is None:
                probed = _ProbedPod(_reference(pod), address, _inits(pod))
                self._pods[uid] = probed
            probed.address = address
            self._keep_workers(pod, probed, now)
            self._drop_stopped(uid, probed, targets)
            for (name, kind), worker in probed.workers.items():
                is_new = worker.see(targets.get(name))
                if is_new and kind is Kind.READINESS:
                    due.append(_Id(uid, name, kind))
        for id_ in due:
            self._tick(id_)

    def stopping(self, pod_uid: str, container_ids: Iterable[str]) -> None:
        with self._lock:
            self._stopping.setdefault(pod_uid, set()).update(container_ids)

    def not_stopped(self, pod_uid: str, container_id: str) -> None:
        with self._lock:
            self._stopping.get(pod_uid, set()).discard(container_id)

    def forget(self, pod_uid: str) -> None:
        with self._lock:
            probed = self._pods.pop(pod_uid, None)
            self._stopping.pop(pod_uid, None)
        for name, kind in probed.workers if probed else ():
            self._clock.cancel(_Id(pod_uid, name, kind))

    def verdicts(self, pod_uid: str) -> Verdicts:
        with self._lock:
            probed = self._pods.get(pod_uid)
            if probed is None:
                return {}
            return {
                key: worker.history.verdict
                for key, worker in probed.workers.items()
                if worker.history is not None
            }

    # -- workers

    def _keep_workers(self, pod: Pod, probed: _ProbedPod, now: float) -> None:
        """Create and drop workers to match the probes of `pod`."""
        uid = pod.metadata.uid
        wanted = dict(_probes(pod))
        for key in [k for k in probed.workers if k not in wanted]:
            del probed.workers[key]
            self._clock.cancel(_Id(uid, *key))
        for key, (container, probe) in wanted.items():
            if key in probed.workers:
                continue
            start = now + self._jitter(probe.period_seconds)
            probed.workers[key] = Worker(key[1], container, probe)
            self._tick_from(_Id(uid, *key), start, probe.period_seconds)

    def _drop_stopped(
        self, uid: str, probed: _ProbedPod, targets: Mapping[str, Target]
    ) -> None:
        """Forget containers that have ended."""
        stopping = self._stopping.get(uid)
        if stopping is None:
            return
        running = {target.container_id for target in targets.values()}
        for worker in probed.workers.values():
            if worker.target and worker.target.container_id not in running:
                stopping.discard(worker.target.container_id)

    def _is_silenced(self, id_: _Id, container_id: str) -> bool:
        """Whether the container is being stopped, so that this probe does not run."""
        if id_.kind is Kind.READINESS:
            return False
        return container_id in self._stopping.get(id_.pod_uid, ())

    def _find(self, id_: _Id) -> tuple[_ProbedPod, Worker] | None:
        probed = self._pods.get(id_.pod_uid)
        worker = probed.workers.get((id_.container, id_.kind)) if probed else None
        return (probed, worker) if probed and worker else None

    # -- attempts

    def _tick(self, id_: _Id) -> None:
        now = self._clock.now()
        with self._lock:
            found = self._find(id_)
            if found is None:
                return
            probed, worker = found
            if worker.target and self._is_silenced(id_, worker.target.container_id):
                return
            asks = worker.wants_to_ask(now, self._gate_open(probed, worker))
            if asks:
                self._begin(worker)
        if asks:
            self._ask(id_, probed, worker)

    def _tick_from(self, id_: _Id, start: float, period: float) -> None:
        self._clock.every(id_, start, period, lambda: self._tick(id_))

    def _gate_open(self, probed: _ProbedPod, worker: Worker) -> bool:
        """Whether the container has started, so that its other probes may run."""
        if worker.target is not None and worker.target.started:
            return True
        startup = probed.workers.get((worker.container.name, Kind.STARTUP))
        return startup is None or startup.passed

    def _begin(self, worker: Worker) -> None:
        assert worker.target is not None
        worker.asking = worker.target.container_id
        worker.tries, worker.missed = 0, False

    def _ask(self, id_: _Id, probed: _ProbedPod, worker: Worker) -> None:
        container_id = worker.asking
        worker.tries += 1
        self._asker.ask(
            worker.probe,
            worker.container,
            container_id,
            probed.address,
            lambda attempt: self._answer(id_, container_id, attempt),
        )

    def _answer(self, id_: _Id, container_id: str, attempt: Attempt) -> None:
        with self._lock:
            found = self._find(id_)
            if found is None:
                return
            probed, worker = found
            if self._is_silenced(id_, container_id):
                worker.asking = ""
                return
            again = worker.should_try_again(attempt)
            if not again:
                counts = worker.history and worker.history.container_id == container_id
                changed = worker.learn(container_id, attempt)
                worker.asking = ""
                make_up = worker.missed
        if again:
            self._ask(id_, probed, worker)
            return
        if counts:
            self._report(id_, probed, attempt)
        if changed:
            self._wake(id_.pod_uid)
            if id_.kind is Kind.STARTUP:
                self._tick_readiness(id_)
        if make_up:
            self._tick(id_)

    def _tick_readiness(self, id_: _Id) -> None:
        """Run the readiness probe as soon as startup has passed, not a period later."""
        self._tick(_Id(id_.pod_uid, id_.container, Kind.READINESS))

    def _report(self, id_: _Id, probed: _ProbedPod, attempt: Attempt) -> None:
        kind = id_.kind.value
        match attempt.outcome:
            case Outcome.SUCCESS:
                return
            case Outcome.WARNING:
                type_, reason = "Warning", "ProbeWarning"
                message = f"{kind} probe warning: {attempt.output}"
            case Outcome.FAILURE:
                type_, reason = "Warning", "Unhealthy"
                message = f"{kind} probe failed: {attempt.output}"
            case Outcome.ERROR:
                type_, reason = "Warning", "Unhealthy"
                message = (
                    f"{kind} probe errored and resulted in unknown state: "
                    f"{attempt.output}"
                )
        is_init = id_.container in probed.init_names
        listed = "initContainers" if is_init else "containers"
        path = f"spec.{listed}{{{id_.container}}}"
        self._record(probed.reference, type_, reason, message, path)


def _reference(pod: Pod) -> Object:
    """The pod as an involvedObject."""
    meta = {
        "name": pod.metadata.name,
        "namespace": pod.metadata.namespace,
        "uid": pod.metadata.uid,
        "resourceVersion": pod.metadata.resource_version,
    }
    return {**POD.head, "metadata": meta}


def _inits(pod: Pod) -> frozenset[str]:
    return frozenset(c.name for c in pod.spec.init_containers)


def _probes(pod: Pod) -> Iterator[tuple[tuple[str, Kind], tuple[Container, Probe]]]:
    """The probes that run now, by container and kind."""
    deleting = pod.metadata.deletion_timestamp is not None
    if pod.is_finished:
        return
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    for container in (*sidecars, *pod.spec.containers):
        if (probe := container.readiness_probe) is not None:
            yield (container.name, Kind.READINESS), (container, probe)
        if deleting:
            continue
        if (probe := container.liveness_probe) is not None:
            yield (container.name, Kind.LIVENESS), (container, probe)
        if (probe := container.startup_probe) is not None:
            yield (container.name, Kind.STARTUP), (container, probe)

"""Stop containers: preStop, the stop signal, SIGKILL, within one grace.

Rules
- The hook and the signal share the grace, of which 2 s are the signal's in any case.
- Without any grace the hook is left out.
- A failed hook is an event and nothing more.
- From the beginning of a stop its liveness and startup probes are silent, the hook
  included; readiness is still asked.
- A grace can only get shorter: `hasten` moves the end of what is under way.

Follows pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer).
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.execute.hooks import HookFailed, Hooks, Place
from supervisor.agent.pods.plan.actions import KillContainer
from supervisor.agent.site import Site
from supervisor.runtime.base import NotFound, RuntimeFailure
from supervisor.runtime.reach import PodAddress

_MIN_STOP_SECONDS = 2.0
_log = logging.getLogger(__name__)


@dataclass
class _Stop:
    """A container on its way out."""

    pod_uid: str
    deadline: float
    ended: threading.Event = field(default_factory=threading.Event)


class Kills:
    def __init__(self, site: Site, hooks: Hooks) -> None:
        self._runtime = site.runtime
        self._clock = site.clock
        self._events = site.events
        self._prober = site.prober
        self._hooks = hooks
        self._lock = threading.Lock()
        #: Stops under way, by container id.
        self._under_way: dict[str, _Stop] = {}

    def perform(
        self,
        kills: Sequence[KillContainer],
        pod_uid: str,
        record: PodRecord | None,
        address: PodAddress,
    ) -> None:
        """Kill side by side; return when all are dead. Raises the first failure.

        Without a `record` nothing is known of the pod but what the engine has.
        """
        failures: list[Exception] = []
        self._prober.stopping(pod_uid, [kill.id for kill in kills])

        def one(kill: KillContainer) -> None:
            try:
                self._kill(kill, pod_uid, record, address)
            except Exception as error:  # noqa: BLE001  handed to the caller below
                self._prober.not_stopped(pod_uid, kill.id)
                failures.append(error)

        others = [
            threading.Thread(target=one, args=(kill,), daemon=True)
            for kill in kills[1:]
        ]
        for thread in others:
            thread.start()
        one(kills[0])
        for thread in others:
            thread.join()
        if failures:
            raise failures[0]

    def hasten(self, pod_uid: str, deadline: float) -> None:
        """Let stops of this pod end at `deadline` if they would go on longer."""
        with self._lock:
            mine = [(i, s) for i, s in self._under_way.items() if s.pod_uid == pod_uid]
        for container_id, stop in mine:
            if deadline < stop.deadline:
                stop.deadline = deadline
                key = ("hasten", container_id)
                self._clock.at(key, deadline, lambda c=container_id: self._finish(c))  # type: ignore[misc]

    def _finish(self, container_id: str) -> None:
        with self._lock:
            stop = self._under_way.get(container_id)
        if stop is None:
            return
        stop.ended.set()
        # Timers must not block, and killing does.
        threading.Thread(
            target=self._kill_now, args=(container_id,), daemon=True
        ).start()

    def _kill_now(self, container_id: str) -> None:
        try:
            self._runtime.kill_container(container_id)
        except RuntimeFailure as error:
            _log.warning("container %s was not killed: %s", container_id[:12], error)

    def _kill(
        self,
        kill: KillContainer,
        pod_uid: str,
        record: PodRecord | None,
        address: PodAddress,
    ) -> None:
        if record is not None:
            because = kill.because
            self._events.container(record, kill.container, "Normal", "Killing", because)
        stop = _Stop(pod_uid, self._clock.now() + kill.grace_seconds)
        with self._lock:
            self._under_way[kill.id] = stop
        try:
            container = record.pod.spec.container(kill.container) if record else None
            if record and container and kill.grace_seconds > 0:
                place = Place(container, kill.id, address, stop.ended)
                self._pre_stop(record, place, stop)
            left = max(stop.deadline - self._clock.now(), _MIN_STOP_SECONDS)
            self._runtime.stop_container(kill.id, left)
        except NotFound:
            _log.debug("container %s is gone already", kill.id[:12])
        finally:
            with self._lock:
                self._under_way.pop(kill.id, None)
            self._clock.cancel(("hasten", kill.id))

    def _pre_stop(self, record: PodRecord, place: Place, stop: _Stop) -> None:
        lifecycle = place.container.lifecycle
        if lifecycle is None or lifecycle.pre_stop is None:
            return
        try:
            budget = max(stop.deadline - self._clock.now(), 0.1)
            self._hooks.run(lifecycle.pre_stop, place, budget)
        except HookFailed as error:
            _log.info("preStop of %s: %s", place.container.name, error)
            self._events.container(
                record,
                place.container,
                "Warning",
                "FailedPreStopHook",
                "PreStopHook failed",
            )

"""Listen to the engine, and look around now and then in case it kept silent.

Rules
- An event only wakes the pod that it is about.
- When the stream ends it is opened again, with pauses that double; then every pod is
  looked at, for events of the meantime are lost.
- While the engine is away no stream is opened; one that hangs is closed. As soon as it
  is back, all pods are looked at and reported.
- Every half a minute all pods are compared with what they looked like last.

Follows pkg/kubelet/pleg/evented.go and generic.go.
"""

import logging
import threading

from supervisor.agent.pods.worker import PodWorkers
from supervisor.agent.site import Site
from supervisor.machinery import backoff
from supervisor.machinery.controller import Controller
from supervisor.runtime.base import EventStream, RuntimeFailure

_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.2, 5.0
RESYNC_SECONDS = 30.0
_KEY = "all pods"
_log = logging.getLogger(__name__)


class EngineWatcher:
    def __init__(self, site: Site, workers: PodWorkers) -> None:
        self._runtime = site.runtime
        self._clock = site.clock
        self._health = site.health
        self._workers = workers
        self._lock = threading.Lock()
        self._stream: EventStream | None = None
        self._stopping = threading.Event()
        #: Set when there is reason to open a stream before the pause is over.
        self._hurry = threading.Event()
        #: Whether the next look is at all pods, whatever they look like.
        self._look_at_all = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="engine-events", daemon=True
        )
        self.resync: Controller[str] = Controller(
            "resync", self._resync, site.clock, expected=(RuntimeFailure,)
        )

    def start(self) -> None:
        self._thread.start()
        self.resync.start()
        self.resync.wake_at(_KEY, self._clock.now() + RESYNC_SECONDS)

    def look_around(self) -> None:
        """Compare all pods with what they looked like last, now."""
        self.resync.wake(_KEY)

    def changed(self) -> None:
        """The engine has gone, or is back."""
        if self._health.error:
            self._hang_up()
            return
        self._look_at_all.set()
        self._hurry.set()
        self.look_around()

    def _hang_up(self) -> None:
        with self._lock:
            if self._stream is not None:
                self._stream.close()

    def stop(self, timeout: float = 5.0) -> None:
        self._stopping.set()
        self._hurry.set()
        self._hang_up()
        self.resync.stop(timeout)
        self._thread.join(timeout)

    def _resync(self, _: str) -> float | None:
        look_at_all = self._look_at_all.is_set()
        self._look_at_all.clear()
        try:
            self._health.require()
            if look_at_all:
                self._workers.wake_all()
            self._workers.resync()
        except RuntimeFailure as error:
            if look_at_all:
                self._look_at_all.set()
            self._health.lost(error)
        else:
            self._health.found()
        return self._clock.now() + RESYNC_SECONDS

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._listen()
                failures = 0
            except RuntimeFailure as error:
                failures += 1
                if not self._stopping.is_set():
                    self._health.lost(error)
            except Exception:  # noqa: BLE001  the watcher outlives every mistake
                failures += 1
                _log.exception("listening to the engine failed")
            wait = backoff.delay(
                failures, first=_FIRST_PAUSE_SECONDS, maximum=_MAX_PAUSE_SECONDS
            )
            self._hurry.wait(wait or _FIRST_PAUSE_SECONDS)
            if not self._stopping.is_set():
                self._hurry.clear()

    def _listen(self) -> None:
        """Wake pods by the engine's events until the stream ends."""
        self._health.require()
        stream = self._runtime.events()
        with self._lock:
            self._stream = stream
        try:
            if self._stopping.is_set():
                return
            self._health.found()
            self._workers.wake_all()
            for event in stream:
                self._workers.wake(event.pod_uid)
        finally:
            stream.close()
            with self._lock:
                self._stream = None

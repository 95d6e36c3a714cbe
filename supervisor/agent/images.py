"""Have a container's image on the engine: look, or pull, and tell what came of it.

Rules
- Pulling never blocks the caller: one thread pulls, one image at a time, and the pod is
  woken when its image is here or lost.
- A failed pull is tried again after 10 s, doubling up to 300 s, per pod and image.
- A registry that does not answer is not asked again for a while by those who can do
  without it.
- What was seen on the engine is remembered until a creation finds it gone.

Follows pkg/kubelet/images/image_manager.go.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from supervisor.agent.failures import RETRY_SECONDS, ImagePulling, StartFailed
from supervisor.agent.image_policy import (
    Policy,
    is_silence,
    policy,
)
from supervisor.agent.plan.actions import StartContainer
from supervisor.agent.roster import PodRecord
from supervisor.agent.site import Site
from supervisor.machinery import backoff
from supervisor.model.image_reference import is_valid_name
from supervisor.model.pod import Container
from supervisor.runtime.base import Image, RuntimeFailure

_FIRST_WAIT_SECONDS, _MOST_WAIT_SECONDS = 10.0, 300.0
_SHOW_ERROR_SECONDS = 5.0
"""How long ErrImagePull stands before ImagePullBackOff takes its place."""

Key = tuple[str, str]
"""Pod uid and image name."""
_Start = tuple[str, str, str]
"""Pod uid, container name and image name."""
InBackground = Callable[[Callable[[], None]], None]
"""Runs what it is given, one at a time, and does not wait for it."""


@dataclass(frozen=True)
class _Failure:
    """A pull that failed, and the wait before the next one."""

    text: str
    step: int
    until: float
    shown: bool = False
    """ErrImagePull has stood in the status; from now on it is ImagePullBackOff."""


class Images:
    """`arrived(pod uid, container)` is called when a pull has ended, well or badly."""

    def __init__(
        self,
        site: Site,
        arrived: Callable[[str, str], None],
        in_background: InBackground,
    ) -> None:
        self._runtime = site.runtime
        self._clock = site.clock
        self._events = site.events
        self._registries = site.registries
        self._arrived = arrived
        self._in_background = in_background
        self._lock = threading.Lock()
        #: Images seen on the engine, by the name that specs use.
        self._here: dict[str, Image] = {}
        #: Starts whose pull is under way, and starts whose pull has just succeeded.
        self._pulling: set[_Start] = set()
        self._pulled: dict[_Start, Image] = {}
        self._failures: dict[Key, _Failure] = {}

    def ready(
        self, record: PodRecord, container: Container, start: StartContainer
    ) -> Image:
        """The image for this start. Raises ImagePulling, or StartFailed."""
        name, rule = container.image, policy(record.pod, container)
        if not is_valid_name(name):
            text = (
                f'Failed to apply default image tag "{name}": invalid reference format'
            )
            self._events.container(record, container, "Warning", "InspectFailed", text)
            raise self._failed(record, container, "InvalidImageName", text)
        with self._lock:
            pulled = self._pulled.pop((record.uid, container.name, name), None)
        if pulled is not None:
            return pulled
        image = self.local(name)
        if image is not None and not self._must_ask(rule, name, start):
            text = f'Container image "{name}" already present on machine'
            self._events.container(record, container, "Normal", "Pulled", text)
            return image
        if rule is Policy.NEVER:
            text = f'Container image "{name}" is not present with pull policy of Never'
            reason = "ErrImageNeverPull"
            self._events.container(record, container, "Warning", reason, text)
            raise self._failed(record, container, reason, text)
        self._check_backoff(record, container)
        self._start_pull(record, container, rule)
        raise ImagePulling(name)

    def local(self, name: str) -> Image | None:
        """The image if the engine has it."""
        with self._lock:
            known = self._here.get(name)
        if known is not None:
            return known
        found = self._runtime.image(name)
        if found is not None:
            with self._lock:
                self._here[name] = found
        return found

    def lost(self, name: str) -> None:
        """The engine does not have this image any more."""
        with self._lock:
            self._here.pop(name, None)

    def is_pulling(self, pod_uid: str, container: str) -> bool:
        with self._lock:
            return any(key[:2] == (pod_uid, container) for key in self._pulling)

    def forget(self, pod_uid: str) -> None:
        """Drop what is remembered of a pod."""
        with self._lock:
            for name in [k for k in self._failures if k[0] == pod_uid]:
                del self._failures[name]
            for start in [k for k in self._pulled if k[0] == pod_uid]:
                del self._pulled[start]

    def _must_ask(self, rule: Policy, name: str, start: StartContainer) -> bool:
        if rule is Policy.IMPLIED:
            return start.attempt == 0 and not self._registries.is_silent(name)
        return rule is Policy.ALWAYS

    # -- failures
    def _failed(
        self, record: PodRecord, container: Container, reason: str, text: str
    ) -> StartFailed:
        self._events.container(
            record, container, "Warning", "Failed", f"Error: {reason}"
        )
        return StartFailed(reason, text, RETRY_SECONDS)

    def _check_backoff(self, record: PodRecord, container: Container) -> None:
        name, key = container.image, (record.uid, container.image)
        now = self._clock.now()
        with self._lock:
            failure = self._failures.get(key)
            if failure is None or failure.until <= now:
                return
            self._failures[key] = replace(failure, shown=True)
        left = failure.until - now
        if not failure.shown:
            error = self._failed(record, container, "ErrImagePull", failure.text)
            error.retry_seconds = min(_SHOW_ERROR_SECONDS, left)
            raise error
        text = f'Back-off pulling image "{name}"'
        self._events.container(record, container, "Normal", "BackOff", text)
        text = f"{text}: ErrImagePull: {failure.text}"
        error = self._failed(record, container, "ImagePullBackOff", text)
        error.retry_seconds = left
        raise error

    # -- pulling
    def _start_pull(
        self, record: PodRecord, container: Container, rule: Policy
    ) -> None:
        key = (record.uid, container.name, container.image)
        with self._lock:
            if key in self._pulling:
                return
            self._pulling.add(key)
        asked_at = self._clock.now()

        def work() -> None:
            try:
                self._pull(record, container, rule, asked_at)
            finally:
                with self._lock:
                    self._pulling.discard(key)
                self._arrived(record.uid, container.name)

        self._in_background(work)

    def _pull(
        self, record: PodRecord, container: Container, rule: Policy, asked_at: float
    ) -> None:
        name, began = container.image, self._clock.now()
        text = f'Pulling image "{name}"'
        self._events.container(record, container, "Normal", "Pulling", text)
        try:
            image = self._runtime.pull(name)
        except RuntimeFailure as error:
            self._pull_failed(record, container, rule, str(error))
            return
        now = self._clock.now()
        text = (
            f'Successfully pulled image "{name}" in {_spent(now - began)} '
            f"({_spent(now - asked_at)} including waiting). "
            f"Image size: {image.size_bytes} bytes."
        )
        self._events.container(record, container, "Normal", "Pulled", text)
        with self._lock:
            self._failures.pop((record.uid, name), None)
        self._registries.answered(name)
        self._have(record, container, image)

    def _have(self, record: PodRecord, container: Container, image: Image) -> None:
        with self._lock:
            self._here[container.image] = image
            self._pulled[record.uid, container.name, container.image] = image

    def _pull_failed(
        self, record: PodRecord, container: Container, rule: Policy, error: str
    ) -> None:
        name = container.image
        text = f'Failed to pull image "{name}": {error}'
        self._events.container(record, container, "Warning", "Failed", text)
        if is_silence(error):
            self._registries.no_answer(name)
        local = self.local(name) if rule is Policy.IMPLIED else None
        if local is not None:
            text = f'Using the image "{name}" that is present on machine instead'
            self._events.container(
                record, container, "Warning", "UsingLocalImage", text
            )
            self._have(record, container, local)
            return
        now, key = self._clock.now(), (record.uid, name)
        with self._lock:
            before = self._failures.get(key)
            step = before.step + 1 if before else 1
            wait = backoff.delay(
                step, first=_FIRST_WAIT_SECONDS, most=_MOST_WAIT_SECONDS
            )
            self._failures[key] = _Failure(error, step, now + wait)


def _spent(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:.3g}s"

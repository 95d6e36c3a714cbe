"""Have a container's image on the engine: look, or pull, and tell what came of it.

Rules
- Pulling never blocks the caller: the pod is woken when its image is here or lost.
- A failed pull is tried again after 10 s, doubling up to 300 s, per pod and image.
- Who can do without a registry waits 3 s at most for its first answer, not at all while
  it is known to be silent, and not when it is asked again after that.
- What was seen on the engine is remembered until a creation finds it gone.

Follows pkg/kubelet/images/image_manager.go.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from supervisor.agent.images.policy import Policy, policy
from supervisor.agent.images.pulls import (
    FIRST_ANSWER_SECONDS,
    InBackground,
    Pulls,
    Request,
)
from supervisor.agent.images.pulls import Key as Start
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.failures import RETRY_SECONDS, ImagePulling, StartFailed
from supervisor.agent.pods.plan.actions import StartContainer
from supervisor.agent.site import Site
from supervisor.machinery import backoff
from supervisor.model.image_reference import is_valid_name
from supervisor.model.pod import Container
from supervisor.runtime.base import Image

_FIRST_WAIT_SECONDS, _MAX_WAIT_SECONDS = 10.0, 300.0
_SHOW_ERROR_SECONDS = 5.0
"""How long ErrImagePull stands before ImagePullBackOff takes its place."""

Key = tuple[str, str]
"""Pod uid and image name."""


@dataclass(frozen=True)
class _Failure:
    """A pull that failed, and the wait before the next one."""

    text: str
    step: int
    until: float
    shown: bool = False
    """ErrImagePull has stood in the status; from now on it is ImagePullBackOff."""


class Images:
    """Satisfies pulls.Outcomes.

    `arrived(pod uid, container)` is called when a container need not wait for a pull
    any more, whatever came of it.
    """

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
        self._bound_pods = site.bound_pods
        self._arrived = arrived
        self._pulls = Pulls(
            self._runtime.pull, self._clock, self._registries, in_background, self
        )
        self._lock = threading.Lock()
        #: Images seen on the engine, by the name that specs use.
        self._here: dict[str, Image] = {}
        #: Images for starts that have just waited for them.
        self._pulled: dict[Start, Image] = {}
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
            self._present(record, container)
            return image
        if rule is Policy.NEVER:
            text = f'Container image "{name}" is not present with pull policy of Never'
            reason = "ErrImageNeverPull"
            self._events.container(record, container, "Warning", reason, text)
            raise self._failed(record, container, reason, text)
        self._check_backoff(record, container)
        now = self._clock.now()
        self._pulls.ask(Request(record, container, rule, image, now))
        raise ImagePulling(name)

    def _present(self, record: PodRecord, container: Container) -> None:
        text = f'Container image "{container.image}" already present on machine'
        self._events.container(record, container, "Normal", "Pulled", text)

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
        return self._pulls.is_waiting(pod_uid, container)

    def leave(self, pod_uid: str) -> None:
        """The pod is being deleted: it waits for no image any more."""
        self._pulls.leave(pod_uid)

    def stop(self) -> None:
        """Begin no more pulls; those under way are left alone."""
        self._pulls.stop()

    def forget(self, pod_uid: str) -> None:
        """Drop what is remembered of a pod."""
        self._pulls.leave(pod_uid)
        with self._lock:
            for name in [k for k in self._failures if k[0] == pod_uid]:
                del self._failures[name]
            for start in [k for k in self._pulled if k[0] == pod_uid]:
                del self._pulled[start]

    def _must_ask(self, rule: Policy, name: str, start: StartContainer) -> bool:
        """Whether the registry comes first although the image is here."""
        if rule is not Policy.IMPLIED or start.attempt:
            return rule is Policy.ALWAYS
        if self._registries.is_in_doubt(name):
            self._pulls.ask_for_nobody(name)
            return False
        return not self._registries.is_silent(name)

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

    # -- what becomes of pulls
    def still_needed(self, request: Request) -> bool:
        record, container = request.record, request.container
        if not self._is_wanted(request):
            return False
        self.lost(request.image)  # what is remembered may be older than the wait
        image = self.local(request.image)
        may_be_old = request.rule is Policy.IMPLIED
        if image is None or request.rule is Policy.ALWAYS:
            return True
        if may_be_old and not self._registries.is_silent(request.image):
            return True
        self._present(record, container)
        self._have(request, image)
        return False

    def _is_wanted(self, request: Request) -> bool:
        """Whether the pod still wants this image for this container."""
        record = self._bound_pods.get(request.record.uid)
        if record is None or not record.pod.is_active:
            return False
        container = record.pod.spec.container(request.container.name)
        return container is not None and container.image == request.image

    def begun(self, request: Request) -> None:
        text = f'Pulling image "{request.image}"'
        self._tell(request, "Normal", "Pulling", text)

    def pulled(self, request: Request, image: Image, began_at: float) -> None:
        now = self._clock.now()
        text = (
            f'Successfully pulled image "{request.image}" in {_spent(now - began_at)} '
            f"({_spent(now - request.asked_at)} including waiting). "
            f"Image size: {image.size_bytes} bytes."
        )
        self._tell(request, "Normal", "Pulled", text)
        with self._lock:
            self._failures.pop((request.record.uid, request.image), None)
        self._have(request, image)

    def refreshed(self, name: str, image: Image) -> None:
        with self._lock:
            self._here[name] = image

    def failed(self, request: Request, error: str) -> None:
        name = request.image
        text = f'Failed to pull image "{name}": {error}'
        self._tell(request, "Warning", "Failed", text)
        if request.local is not None and request.rule is Policy.IMPLIED:
            self._use_local(request, request.local)
            return
        now, key = self._clock.now(), (request.record.uid, name)
        with self._lock:
            before = self._failures.get(key)
            step = before.step + 1 if before else 1
            wait = backoff.delay(
                step, first=_FIRST_WAIT_SECONDS, maximum=_MAX_WAIT_SECONDS
            )
            self._failures[key] = _Failure(error, step, now + wait)

    def not_answered(self, request: Request) -> None:
        text = (
            f'Failed to pull image "{request.image}": its registry did not answer '
            f"within {FIRST_ANSWER_SECONDS:g} s"
        )
        self._tell(request, "Warning", "Failed", text)
        if request.local is not None:
            self._use_local(request, request.local)

    def finished(self, request: Request) -> None:
        uid = request.record.uid
        if self._bound_pods.get(uid) is None:
            self.forget(uid)
        self._arrived(uid, request.container.name)

    def _use_local(self, request: Request, image: Image) -> None:
        text = f'Using the image "{request.image}" that is present on machine instead'
        self._tell(request, "Warning", "UsingLocalImage", text)
        self._have(request, image)

    def _have(self, request: Request, image: Image) -> None:
        with self._lock:
            self._pulled[request.key] = image

    def _tell(self, request: Request, kind: str, reason: str, text: str) -> None:
        self._events.container(request.record, request.container, kind, reason, text)


def _spent(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:.3g}s"

"""The pulls of one engine: a line per registry, one pull at a time in each.

Rules
- A registry that is dead or slow delays only the requests for its own images.
- Requests for one image that wait together share one pull and its outcome.
- A decision made when a request was queued is renewed at its turn: the pod may be
  gone, the image may have arrived, and the registry may have fallen silent meanwhile.
- A registry has 3 s for its first answer. Then it counts as silent, and all who have
  the image locally and may use it go on without it. The pull itself goes on for the
  others; a download that makes progress has no limit.
- Nothing here outlives the daemon: its threads do not hold up the end of the process.

Differs from Kubernetes: its kubelet pulls one image at a time, whatever the registry,
and each pod anew. Follows pkg/kubelet/images/puller.go (serialImagePuller).
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from supervisor.agent.images.policy import Policy, is_silence
from supervisor.agent.images.registries import Registries
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.machinery.clock import Clock
from supervisor.model.images import registry
from supervisor.model.pod import Container
from supervisor.runtime.base import Image, ImagePullFailed, RuntimeFailure

FIRST_ANSWER_SECONDS = 3.0
"""How long those who can do without a registry wait for its first answer."""

Key = tuple[str, str, str]
"""Pod uid, container name and image name."""
InBackground = Callable[[Callable[[], None]], None]
"""Runs what it is given in a thread of its own, and does not wait for it."""
Pull = Callable[[str, Callable[[str], None]], Image]
"""As Runtime.pull: image name, and what to call with each line of progress."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """A container that waits for its image."""

    record: PodRecord
    container: Container
    rule: Policy
    local: Image | None
    """What the engine had under that name when the request was made."""
    asked_at: float

    @property
    def image(self) -> str:
        return self.container.image

    @property
    def key(self) -> Key:
        return self.record.uid, self.container.name, self.image

    @property
    def can_do_without(self) -> bool:
        """Whether a silent registry is no reason to wait."""
        return self.rule is Policy.IMPLIED and self.local is not None


class Outcomes(Protocol):
    """What becomes of requests. Only `still_needed` may call the engine."""

    def still_needed(self, request: Request) -> bool:
        """Whether the request's turn has to be used. Raises RuntimeFailure."""

    def begun(self, request: Request) -> None: ...

    def pulled(self, request: Request, image: Image, began_at: float) -> None: ...

    def failed(self, request: Request, error: str) -> None: ...

    def not_answered(self, request: Request) -> None:
        """The request `can_do_without`, and now has to."""

    def finished(self, request: Request) -> None:
        """It is out of the line, whatever came of it."""

    def refreshed(self, name: str, image: Image) -> None:
        """The engine has this image now."""


@dataclass(eq=False)
class _Running:
    """A pull under way, and whose it is."""

    image: str
    members: tuple[Request, ...] = ()
    is_answered: bool = False
    is_silent: bool = False


@dataclass(eq=False)
class _Line:
    registry: str
    waiting: dict[Key, Request] = field(default_factory=dict)
    """In the order of their arrival; those of the running pull are among them."""
    question: str = ""
    """An image to pull for nobody, to learn whether the registry answers again."""
    running: _Running | None = None


class Pulls:
    def __init__(
        self,
        pull: Pull,
        clock: Clock,
        registries: Registries,
        in_background: InBackground,
        outcomes: Outcomes,
    ) -> None:
        self._pull = pull
        self._clock = clock
        self._registries = registries
        self._in_background = in_background
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._is_stopped = False

    # -- asking
    def ask(self, request: Request) -> None:
        """Queue a request, unless it waits already. Never blocks."""
        with self._lock:
            line, is_new = self._line(request.image)
            line.waiting.setdefault(request.key, request)
            running = line.running
            is_late = running is not None and running.is_silent
        self._begin(line, is_new)
        if is_late:
            self._go_without(line)

    def ask_for_nobody(self, image: str) -> None:
        """Pull an image in the background, unless its registry is being asked."""
        with self._lock:
            if registry(image) in self._lines:
                return
            line, is_new = self._line(image)
            line.question = image
        self._begin(line, is_new)

    def is_waiting(self, pod_uid: str, container: str) -> bool:
        with self._lock:
            return any(
                key[:2] == (pod_uid, container)
                for line in self._lines.values()
                for key in line.waiting
            )

    def leave(self, pod_uid: str) -> None:
        """Take a pod's requests out of the lines. A pull under way goes on."""
        with self._lock:
            for line in self._lines.values():
                for key in [key for key in line.waiting if key[0] == pod_uid]:
                    del line.waiting[key]

    def stop(self) -> None:
        """Begin no more pulls. Nobody is told what becomes of those under way."""
        with self._lock:
            self._is_stopped = True
            for line in self._lines.values():
                line.waiting.clear()
                line.question = ""

    def _line(self, image: str) -> tuple[_Line, bool]:
        """The line of an image's registry, and whether it is new. Needs the lock."""
        name = registry(image)
        line = self._lines.get(name)
        if line is not None:
            return line, False
        line = _Line(name)
        if not self._is_stopped:
            self._lines[name] = line
        return line, not self._is_stopped

    def _begin(self, line: _Line, is_new: bool) -> None:
        if is_new:
            self._in_background(lambda: self._work(line))

    # -- one line's thread
    def _work(self, line: _Line) -> None:
        try:
            while (pull := self._next(line)) is not None:
                self._run(line, pull)
        except BaseException:
            with self._lock:
                # Later requests get a line that somebody works on.
                self._lines.pop(line.registry, None)
            raise

    def _next(self, line: _Line) -> _Running | None:
        """The pull whose turn it is; None at the end of the line, which goes away."""
        while True:
            with self._lock:
                first = next(iter(line.waiting.values()), None)
                if first is None:
                    return self._last(line)
                together = [r for r in line.waiting.values() if r.image == first.image]
            needed = [r for r in together if self._is_needed(r)]
            self._finish(line, [r for r in together if r not in needed])
            with self._lock:
                members = tuple(r for r in needed if r.key in line.waiting)
                if members:
                    line.running = _Running(first.image, members)
                    return line.running

    def _last(self, line: _Line) -> _Running | None:
        """What is left when nobody waits. Needs the lock."""
        if line.question:
            line.running, line.question = _Running(line.question), ""
            return line.running
        self._lines.pop(line.registry, None)
        return None

    def _is_needed(self, request: Request) -> bool:
        try:
            return self._outcomes.still_needed(request)
        except RuntimeFailure as error:
            self._outcomes.failed(request, str(error))
            return False

    def _run(self, line: _Line, pull: _Running) -> None:
        began_at = self._clock.now()
        for request in pull.members:
            self._outcomes.begun(request)
        timer = (self, line.registry)
        until = began_at + FIRST_ANSWER_SECONDS
        self._clock.at(timer, until, lambda: self._no_answer(line, pull))
        try:
            image = self._pull(pull.image, lambda _: self._answered(pull))
        except Exception as error:  # noqa: BLE001  the line outlives every mistake
            self._failed(line, pull, error)
        else:
            self._answered(pull)
            self._outcomes.refreshed(pull.image, image)
            for request in self._members(line, pull):
                self._outcomes.pulled(request, image, began_at)
        finally:
            self._clock.cancel(timer)
        self._finish(line, self._members(line, pull))
        with self._lock:
            line.running = None

    def _failed(self, line: _Line, pull: _Running, error: Exception) -> None:
        if not isinstance(error, RuntimeFailure):
            _log.exception("the pull of %s broke off", pull.image)
        text = str(error)
        if is_silence(text):
            self._registries.no_answer(pull.image)
        elif isinstance(error, ImagePullFailed):
            self._answered(pull)
        members = self._members(line, pull)
        if not members:
            _log.info("image %s was not pulled: %s", pull.image, text)
        for request in members:
            self._outcomes.failed(request, text)

    def _members(self, line: _Line, pull: _Running) -> list[Request]:
        """Those of a pull who still wait for it."""
        with self._lock:
            return [r for r in pull.members if r.key in line.waiting]

    def _finish(self, line: _Line, requests: Iterable[Request]) -> None:
        for request in requests:
            with self._lock:
                line.waiting.pop(request.key, None)
            self._outcomes.finished(request)

    # -- the first answer
    def _answered(self, pull: _Running) -> None:
        with self._lock:
            if pull.is_answered:
                return
            pull.is_answered, pull.is_silent = True, False
        self._registries.answered(pull.image)

    def _no_answer(self, line: _Line, pull: _Running) -> None:
        with self._lock:
            if line.running is not pull or pull.is_answered:
                return
            pull.is_silent = True
        self._registries.no_answer(pull.image)
        self._go_without(line)

    def _go_without(self, line: _Line) -> None:
        """Let all go who have the image, also those of other images in this line."""
        with self._lock:
            free = [r for r in line.waiting.values() if r.can_do_without]
        for request in free:
            self._outcomes.not_answered(request)
        self._finish(line, free)

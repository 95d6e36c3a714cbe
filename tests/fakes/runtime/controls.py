"""How tests command the fake engine: what happens in it without being asked for."""

from collections.abc import Sequence

from supervisor.runtime.base import (
    ContainerConfig,
    EngineUnavailable,
    SandboxConfig,
)
from tests.fakes.runtime.containers import MESSAGES
from tests.fakes.runtime.logs import Line
from tests.fakes.runtime.programs import Program
from tests.fakes.runtime.state import FakeState, Refusal, tagged


class Controls(FakeState):
    """Names containers as (pod, container), where `pod` is the pod's name or uid, and
    the container is the newest one of that name; `POD` is the sandbox.
    """

    @property
    def unavailable(self) -> bool:
        """Whether the engine is away; setting it ends the event streams."""
        return self._unavailable

    @unavailable.setter
    def unavailable(self, away: bool) -> None:
        with self._lock:
            self._unavailable = away
            if away:
                self._held.end_streams(EngineUnavailable("the engine is away"))

    def exit(self, pod: str, container: str, code: int = 0) -> str:
        """Let a running container end by itself; return its id."""
        with self._lock:
            held = self._held.named(pod, container)
            self._held.die(held, code)
            return held.seen.id

    def oom(self, pod: str, container: str) -> str:
        """Let the kernel kill a running container for want of memory."""
        with self._lock:
            held = self._held.named(pod, container)
            self._held.tell(held, "oom")
            self._held.die(held, 137, oom_killed=True)
            return held.seen.id

    def vanish(self, pod: str, container: str) -> None:
        """Remove a container behind the runtime's back."""
        with self._lock:
            self._held.remove(self._held.named(pod, container))

    def fail_start(self, pod: str, container: str, error: Refusal) -> None:
        """Refuse starts of this container from now on; an empty error ends that."""
        self._start_errors[pod, container] = error

    def fail_pull(self, image: str, error: str) -> None:
        """Refuse pulls of this image from now on; an empty error ends that."""
        self._pull_errors[tagged(image)] = error

    def stop_code(self, pod: str, container: str, code: int) -> None:
        """What a stop of this container ends with: 137 (TERM is ignored) if unsaid."""
        self._stop_codes[pod, container] = code

    @property
    def paused(self) -> set[str]:
        """Ids of containers that somebody has paused."""
        return self._held.paused

    def add_program(self, command: Sequence[str], program: Program) -> None:
        """What a command does in any container, when it is executed there."""
        self._programs[tuple(command)] = program

    def write_log(self, pod: str, container: str, text: bytes, stream: int = 1) -> None:
        with self._lock:
            held = self._held.named(pod, container)
            held.lines.append(Line(self._clock.now(), text, stream))
            for session in held.attached:
                session.put(text, stream)
            self._lock.notify_all()

    def write_file(self, pod: str, container: str, path: str, data: bytes) -> None:
        """A file that can be read as a termination message."""
        self._held.named(pod, container).files[path] = data

    @property
    def volumes(self) -> set[tuple[str, str]]:
        """(pod uid, name) of every emptyDir volume that there is."""
        return {key for key in self._held.volumes if key[1] != MESSAGES}

    def running(self, pod: str) -> list[str]:
        """Names of the running containers of a pod, oldest first, no sandboxes."""
        with self._lock:
            mine = (h for h in self._held.by_id.values() if h.is_of(pod) and h.runs)
            return [h.seen.name for h in mine if h.seen.name != "POD"]

    def config(self, container_id: str) -> ContainerConfig | SandboxConfig:
        """What a container was made from."""
        return self._held.get(container_id).config

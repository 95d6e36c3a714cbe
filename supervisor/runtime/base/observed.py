"""The state of pods and containers, as an engine reports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from supervisor.runtime.reach import PublishedPort


class State(Enum):
    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"


@dataclass(frozen=True)
class ObservedContainer:
    """A container or a sandbox. Times are seconds since the epoch."""

    id: str
    name: str
    """Name inside the pod; `POD` for a sandbox."""
    state: State
    attempt: int
    created_at: float
    image: str = ""
    """As named in the spec."""
    image_id: str = ""
    started_at: float = 0.0
    """0 if it has never run."""
    finished_at: float = 0.0
    """0 if it has never ended."""
    exit_code: int = 0
    oom_killed: bool = False
    error: str = ""
    """The engine's message when a start failed."""
    sandbox_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObservedPod:
    """Everything on the engine that belongs to one pod.

    Sandboxes and containers are sorted newest first.
    """

    uid: str
    name: str
    namespace: str
    sandboxes: Sequence[ObservedContainer] = ()
    containers: Sequence[ObservedContainer] = ()
    ip: str = ""
    """Of the newest sandbox while it runs; empty with the host's network."""
    published: Sequence[PublishedPort] = ()
    """TCP ports that this sandbox publishes on the host, sorted by host port."""

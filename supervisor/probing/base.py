"""Values and contracts of probing.

Follows pkg/kubelet/prober and pkg/probe.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from supervisor.model.pod import Pod
from supervisor.runtime.reach import PodAddress


class Kind(Enum):
    """The value is the word used in events."""

    LIVENESS = "Liveness"
    READINESS = "Readiness"
    STARTUP = "Startup"


class Result(Enum):
    """The result of a probe after its thresholds."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class Outcome(Enum):
    """The outcome of one attempt. WARNING counts as success; ERROR is ignored."""

    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True)
class Attempt:
    """A finished attempt of one probe."""

    outcome: Outcome
    output: str = ""
    answered: bool = field(default=True, compare=False)
    """Whether anything answered. A failure without an answer may be the network's."""


@dataclass(frozen=True)
class Verdict:
    """The current result of one probe of one container."""

    result: Result
    container_id: str
    is_known: bool = True
    """False while the result is only the initial one."""


@dataclass(frozen=True)
class Target:
    """A running container, as far as probing is concerned."""

    container: str
    """Name inside the pod."""
    container_id: str
    started_at: float
    started: bool
    """Whether its startup probe has passed, or it has none."""


Verdicts = Mapping[tuple[str, Kind], Verdict]
"""By container name and kind of probe."""


class Prober(Protocol):
    """Probes pods on their schedules and notifies the agent of changed results.

    Methods are thread-safe and never block.
    """

    def sync(
        self, pod: Pod, address: PodAddress, targets: Mapping[str, Target]
    ) -> None:
        """Set the running containers of `pod` to probe."""

    def stopping(self, pod_uid: str, container_ids: Iterable[str]) -> None:
        """These containers are being stopped: run only their readiness probes."""

    def not_stopped(self, pod_uid: str, container_id: str) -> None:
        """Stopping this container has failed: run all of its probes again."""

    def forget(self, pod_uid: str) -> None:
        """Stop all probes of a pod and drop their results."""

    def verdicts(self, pod_uid: str) -> Verdicts: ...

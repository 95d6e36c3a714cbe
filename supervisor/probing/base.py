"""The words of probing, shared by those who ask and those who act on the answer.

Follows pkg/kubelet/prober and pkg/probe.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from supervisor.model.pod import Pod
from supervisor.runtime.reach import PodAddress


class Kind(Enum):
    """The value is the word in events."""

    LIVENESS = "Liveness"
    READINESS = "Readiness"
    STARTUP = "Startup"


class Result(Enum):
    """What the row of outcomes amounts to, thresholds applied."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class Outcome(Enum):
    """What one attempt found. WARNING counts as success; ERROR counts as nothing."""

    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True)
class Attempt:
    """One probe of one container, done."""

    outcome: Outcome
    output: str = ""
    heard: bool = field(default=True, compare=False)
    """Something answered. A failure without an answer may be the network's."""


@dataclass(frozen=True)
class Verdict:
    """The present result of one probe, for the container that it was taken from."""

    result: Result
    container_id: str
    is_known: bool = True
    """False while the result is only the one that every container begins with."""


@dataclass(frozen=True)
class Target:
    """A running container, as far as its probes need to know it."""

    container: str
    """Name inside the pod."""
    container_id: str
    started_at: float
    started: bool
    """Its startup probe has passed, or it has none."""


Verdicts = Mapping[tuple[str, Kind], Verdict]
"""By container name and kind of probe."""


class Prober(Protocol):
    """Probes pods on schedules of its own, and tells when a result has changed.

    Calls come from the agent's threads and never block.
    """

    def sync(
        self, pod: Pod, address: PodAddress, targets: Mapping[str, Target]
    ) -> None:
        """Probe these running containers of `pod` from now on, and no others of it."""

    def stopping(self, pod_uid: str, container_ids: Iterable[str]) -> None:
        """These containers are being stopped: from now on only readiness is asked."""

    def not_stopped(self, pod_uid: str, container_id: str) -> None:
        """Stopping this container has failed: it is probed like any other."""

    def forget(self, pod_uid: str) -> None:
        """Stop all probes of a pod and drop their results."""

    def verdicts(self, pod_uid: str) -> Verdicts: ...

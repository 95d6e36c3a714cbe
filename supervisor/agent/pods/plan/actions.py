"""The words in which a plan speaks: one frozen value per thing to be done.

Rules
- `because` is the reason in words; event, log line and test all show the same phrase.
- Actions are performed in order; neighbouring kills happen side by side.
- Any number of actions may get lost at the end: planning again finds what is missing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StartSandbox:
    """Create the pod's volumes and its sandbox, which holds the network."""

    attempt: int
    because: str

    def __str__(self) -> str:
        return f"start sandbox {self.attempt} ({self.because})"


@dataclass(frozen=True)
class RemoveSandbox:
    id: str
    because: str

    def __str__(self) -> str:
        return f"remove sandbox {self.id[:12]} ({self.because})"


@dataclass(frozen=True)
class StartContainer:
    """Create and start the next instance; its image comes first if it is not here."""

    container: str
    attempt: int
    """Becomes the restart count."""
    backoff_step: int
    """Which wait the next crash will meet; 0 is none."""
    because: str

    def __str__(self) -> str:
        step = f" step {self.backoff_step}" if self.backoff_step else ""
        return f"start {self.container} {self.attempt}{step} ({self.because})"


@dataclass(frozen=True)
class KillContainer:
    """preStop hook and stop signal within the grace, then SIGKILL."""

    container: str
    id: str
    grace_seconds: float
    because: str

    def __str__(self) -> str:
        grace = f"{self.grace_seconds:g} s"
        return f"kill {self.container} within {grace} ({self.because})"


@dataclass(frozen=True)
class RemoveContainer:
    """Forget a container that does not run, and its logs."""

    container: str
    id: str
    because: str

    def __str__(self) -> str:
        return f"remove {self.container} {self.id[:12]} ({self.because})"


@dataclass(frozen=True)
class RemoveVolumes:
    because: str

    def __str__(self) -> str:
        return f"remove volumes ({self.because})"


@dataclass(frozen=True)
class ReportStatus:
    """Have the API know how the pod stands before the next action destroys it."""

    because: str

    def __str__(self) -> str:
        return f"report status ({self.because})"


@dataclass(frozen=True)
class DeletePod:
    """Tell the API that nothing is left here, so that the object may go."""

    because: str

    def __str__(self) -> str:
        return f"delete pod ({self.because})"


Action = (
    StartSandbox
    | RemoveSandbox
    | StartContainer
    | KillContainer
    | RemoveContainer
    | RemoveVolumes
    | ReportStatus
    | DeletePod
)


@dataclass(frozen=True)
class Waiting:
    """Why a container does not run yet, as its status says it."""

    container: str
    reason: str
    message: str = ""

    def __str__(self) -> str:
        text = f": {self.message}" if self.message else ""
        return f"{self.container} waits: {self.reason}{text}"


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    wake_at: float | None = None
    """When to look again even if nothing happens."""

    def waiting_for(self, container: str) -> Waiting | None:
        return next((w for w in self.waiting if w.container == container), None)


def explain(todo: Plan) -> str:
    """A plan as text, one line each for actions, waits and the next look."""
    lines = [str(part) for part in (*todo.actions, *todo.waiting)]
    if todo.wake_at is not None:
        lines.append(f"wake at {todo.wake_at:g}")
    return "\n".join(lines)

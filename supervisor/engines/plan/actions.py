"""The actions of a plan for one engine. Pure.

Rules
- `because` is the reason in words. Event, log line and test show the same phrase.
- `str(action)` is `ACTION: because`.
- Actions are performed in order. Any number of them may be lost at the end: the next
  plan finds what is missing.
- A look at the engine ends with `Wait`. A plan without it ends with an action whose
  result decides what comes next, so the engine is observed and planned again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.engines.access import Access
from supervisor.engines.failure import Failure
from supervisor.model.meta import Object
from supervisor.runtime.base.claims import Claim


@dataclass(frozen=True, kw_only=True)
class _Action:
    because: str

    @property
    def title(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{self.title}: {self.because}"


# -- the engine and its agent
@dataclass(frozen=True)
class Connect(_Action):
    """Ask the engine who it is. The result is a link, or a failure."""

    access: Access

    @property
    def title(self) -> str:
        return f"connect to {self.access.endpoint}"


@dataclass(frozen=True)
class Reserve(_Action):
    """Reserve the engine for this node. The result names the node that has it."""

    engine_id: str

    @property
    def title(self) -> str:
        return f"reserve engine {self.engine_id}"


@dataclass(frozen=True)
class TakeClaim(_Action):
    """Record on the engine that it is ours. The result may be a refusal."""

    order: str = ""
    """The store to take the engine from, ANY_OWNER, or empty."""

    @property
    def title(self) -> str:
        return f"take claim by order {self.order!r}" if self.order else "take claim"


@dataclass(frozen=True)
class ConfirmClaim(_Action):
    """Ask the engine whether it is still ours. The result is a `Confirmation`."""

    title = "confirm claim"


@dataclass(frozen=True)
class ReleaseClaim(_Action):
    """Remove our claim from the engine, if it answers."""

    title = "release claim"


@dataclass(frozen=True)
class Disconnect(_Action):
    """Close the link, and end the reservation; the claim stays."""

    title = "disconnect"


@dataclass(frozen=True)
class RecordFailure(_Action):
    """Count a failed attempt, and delay the next one."""

    failure: Failure

    @property
    def title(self) -> str:
        return f"delay the next attempt ({self.failure.reason})"


@dataclass(frozen=True)
class Launch(_Action):
    """Start the agent on the link. An earlier failure is over."""

    labels: Mapping[str, str]
    """Of the Node."""

    title = "launch agent"


@dataclass(frozen=True)
class Halt(_Action):
    """Stop the agent, and end the reservation; containers and the claim stay."""

    title = "halt agent"


@dataclass(frozen=True)
class RelabelAgent(_Action):
    """Have the agent give its Node these labels from now on."""

    labels: Mapping[str, str]

    title = "relabel agent"


# -- the API
@dataclass(frozen=True)
class Report(_Action):
    """Set the status of the Engine; an event too, if the phase or message changes.

    The text of the event is `message`, or `because` if that is empty.
    """

    phase: str
    reason: str
    """Of the condition and of the event."""
    message: str = ""
    engine_id: str = ""
    """Empty: unchanged."""
    engine_version: str = ""
    owner: Claim | None = None
    """None: unchanged."""

    @property
    def title(self) -> str:
        return f"report {self.phase} ({self.reason})"


@dataclass(frozen=True)
class ReportFailure(_Action):
    """Set the status of the Engine to the failure of the last attempt."""

    failure: Failure

    @property
    def title(self) -> str:
        return f"report {self.failure.phase} ({self.failure.reason})"


@dataclass(frozen=True)
class ShowPlaceholder(_Action):
    """Create the Node if there is none; its conditions show why it has no agent."""

    failure: Failure

    @property
    def title(self) -> str:
        return f"show {self.failure.reason} on the Node"


@dataclass(frozen=True)
class PatchNodeLabels(_Action):
    patch: Object

    title = "patch labels of the Node"


@dataclass(frozen=True)
class RecordEvent(_Action):
    """An event of the Engine and, if there is one, its Node; the text is `because`."""

    type: str
    """Normal or Warning."""
    reason: str

    @property
    def title(self) -> str:
        return f"event {self.reason}"


@dataclass(frozen=True)
class NoteTakeover(_Action):
    """Tell our store that the engine was taken over from another one."""

    title = "note takeover"


@dataclass(frozen=True)
class RemoveOrder(_Action):
    """Remove the annotation that orders to take the engine over."""

    title = "remove order"


# -- the removal
@dataclass(frozen=True)
class Cordon(_Action):
    title = "cordon node"


@dataclass(frozen=True)
class DeletePod(_Action):
    """With the grace period of the pod."""

    namespace: str
    name: str
    uid: str

    @property
    def title(self) -> str:
        return f"delete pod {self.namespace}/{self.name}"


@dataclass(frozen=True)
class ForgetFiles(_Action):
    """Remove the files that were written to reach the engine."""

    title = "remove files"


@dataclass(frozen=True)
class EraseNode(_Action):
    """Delete the Node and its Lease."""

    title = "delete node"


@dataclass(frozen=True)
class FinishRemoval(_Action):
    """Delete remaining pods without grace, the Node, and our finalizer."""

    title = "finish removal"


# -- what comes next
@dataclass(frozen=True)
class LookAgain(_Action):
    """Plan for the whole engine as soon as possible."""

    title = "look again"


@dataclass(frozen=True)
class Wait(_Action):
    """End this look."""

    until: float | None = None
    """When to look again even if nothing changes; None is never."""

    title = "wait"


Action = (
    Connect
    | Reserve
    | TakeClaim
    | ConfirmClaim
    | ReleaseClaim
    | Disconnect
    | RecordFailure
    | Launch
    | Halt
    | RelabelAgent
    | Report
    | ReportFailure
    | ShowPlaceholder
    | PatchNodeLabels
    | RecordEvent
    | NoteTakeover
    | RemoveOrder
    | Cordon
    | DeletePod
    | ForgetFiles
    | EraseNode
    | FinishRemoval
    | LookAgain
    | Wait
)

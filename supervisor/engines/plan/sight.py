"""What is known of one engine when its next actions are planned. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from supervisor.engines.access import Access
from supervisor.engines.failure import CLAIMED, Failure
from supervisor.model.engine import REFUSED, TAKE_OVER, Engine
from supervisor.model.meta import Object
from supervisor.runtime.base.claims import Claim


@dataclass(frozen=True)
class Agent:
    """The agent that runs, and what it was launched with."""

    access: Access
    labels: Mapping[str, str]
    launched_at: float


@dataclass(frozen=True)
class Link:
    """An engine that has answered, and has no agent yet."""

    access: Access
    engine_id: str
    engine_version: str
    is_claimed: bool = False
    """The claim is ours, or the engine refuses to record one."""
    refusal: Failure | None = None
    """Why it cannot be claimed."""

    def claimed(self) -> "Link":
        return replace(self, is_claimed=True)

    def refused(self, failure: Failure) -> "Link":
        return replace(self, refusal=failure)


@dataclass(frozen=True)
class Reservation:
    """The result of reserving an engine during this look."""

    engine_id: str
    holder: str = ""
    """The node of this daemon that has the engine instead; empty if it is ours."""


@dataclass(frozen=True)
class RemainingPod:
    namespace: str
    name: str
    uid: str
    is_being_deleted: bool = False

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Remains:
    """What the removal of an engine has to wait for."""

    is_schedulable: bool = False
    """Whether the Node still takes pods. The rest is not examined in this case."""
    pods: tuple[RemainingPod, ...] = ()
    """Pods that are bound to the node."""
    on_engine: tuple[str, ...] = ()
    """Pods, as NAMESPACE/NAME, of which the engine has containers."""
    trouble: str = ""
    """Why the agent cannot tell what the engine has."""


@dataclass(frozen=True)
class Sight:
    access: Access | Failure
    """How to reach the engine, or why that is unknown."""
    agent: Agent | None = None
    link: Link | None = None
    reservation: Reservation | None = None
    failure: Failure | None = None
    """Of the last attempt to connect; None after a success."""
    is_reported: bool = False
    """Whether the status of the Engine shows `failure`."""
    wait_until: float | None = None
    """When `access` is to be tried again; None if now."""
    last_order: str = ""
    """The order to take the engine over with which the last attempt was refused."""
    claim: Claim | None = None
    """Our claim when it was acquired."""
    claim_trouble: str = ""
    """Why the engine has no record of its owner."""
    handover_until: float = 0.0
    """When the previous owner of the engine has stopped acting."""
    node: Object | None = None
    """The Node. Observed only while the agent runs."""
    remains: Remains | None = None
    """Observed only while the engine is cleared."""
    is_finished: bool = False
    """Whether the removal has come to its end once."""


@dataclass(frozen=True)
class Situation:
    """The arguments of a plan, and what several phases derive from them."""

    engine: Engine
    sight: Sight
    now: float

    @property
    def is_leaving(self) -> bool:
        return self.engine.is_being_deleted

    @property
    def is_alone(self) -> bool:
        """Whether the engine has neither an agent nor a link."""
        return self.sight.agent is None and self.sight.link is None

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that the Engine gives its Node."""
        return self.engine.spec.labels or {}

    @property
    def order(self) -> str:
        """The store to take the engine from, ANY_OWNER, or empty."""
        return (self.engine.metadata.annotations or {}).get(TAKE_OVER, "")

    @property
    def is_anothers(self) -> bool:
        """Whether another store owned the engine at the last attempt."""
        failure = self.sight.failure
        return failure is not None and failure.reason == CLAIMED

    @property
    def is_newly_ordered(self) -> bool:
        """Whether a takeover was ordered since the last attempt was refused."""
        return self.is_anothers and self.order not in ("", self.sight.last_order)

    @property
    def may_have_remains(self) -> bool:
        """Whether the engine may have containers of ours that have to be removed."""
        status = self.engine.status
        was_ours = status.engine_id != "" and status.phase != REFUSED
        return was_ours and not self.sight.is_finished and not self.is_anothers


@dataclass(frozen=True)
class Confirmation:
    """The result of asking the engine whether it is still ours."""

    loss: Failure | None = None
    """Why it is not."""
    is_changed: bool = False
    """Whether `Sight.claim_trouble` has changed."""


@dataclass(frozen=True)
class Held:
    """What is known when the claim is to be confirmed."""

    has_agent: bool
    confirmation: Confirmation | None = None
    """None before the engine was asked."""

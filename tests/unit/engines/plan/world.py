"""A small model of an engine and its surroundings, in which plans are carried out.

Actions change values only. Between two looks time passes: the agent writes its Node,
pods that are being deleted end, and the claim is confirmed.
"""

from dataclasses import dataclass, field, replace

from msgspec.structs import replace as with_fields

from supervisor.engines.access import Access
from supervisor.engines.failure import CLAIMED, UNAVAILABLE, Failure
from supervisor.engines.plan import actions
from supervisor.engines.plan.actions import Action, Wait
from supervisor.engines.plan.claim import confirm
from supervisor.engines.plan.phases import Phase, plan, row_of
from supervisor.engines.plan.sight import (
    Agent,
    Confirmation,
    Held,
    Link,
    Remains,
    Reservation,
    Sight,
    Situation,
)
from supervisor.model import times
from supervisor.model.engine import (
    CONNECTING,
    REFUSED,
    Engine,
    EngineSpec,
    EngineStatus,
)
from supervisor.model.meta import Object, ObjectMeta
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.ownership import HANDOVER_SECONDS
from tests.fakes.clock import START

WHERE = "unix:///n1"
ACCESS = Access("u", WHERE, "bridge", "Auto", "")
AWAY = Failure(CONNECTING, UNAVAILABLE, "it is away")
NO_SECRET = Failure(CONNECTING, "BadCertificates", "secret s: not found")
THEIRS = Failure(REFUSED, CLAIMED, "it belongs to store-b", Claim("store-b"))
_PAUSE_SECONDS = 20.0
_MAX_ROUNDS = 12


def engine(**spec: object) -> Engine:
    meta = ObjectMeta(name="n1", uid="u")
    return Engine(meta, EngineSpec(endpoint=WHERE, **spec))  # type: ignore[arg-type]


def known(engine_: Engine, phase: str = "Connected", engine_id: str = "id-1") -> Engine:
    """The Engine of an engine that was connected before."""
    return replace_status(engine_, phase=phase, engine_id=engine_id)


def replace_status(engine_: Engine, **fields: str) -> Engine:
    status: EngineStatus = with_fields(engine_.status, **fields)
    return with_fields(engine_, status=status)


def annotated(engine_: Engine, annotations: dict[str, str]) -> Engine:
    meta = with_fields(engine_.metadata, annotations=annotations)
    return with_fields(engine_, metadata=meta)


def deleted(engine_: Engine, at: float = START) -> Engine:
    meta = with_fields(engine_.metadata, deletion_timestamp=times.to_text(at))
    return with_fields(engine_, metadata=meta)


def node(engine_id: str, at: float, *, is_ready: bool = True) -> Object:
    """What an agent has written at this time."""
    condition = {
        "type": "Ready",
        "status": "True" if is_ready else "False",
        "message": "" if is_ready else "gone",
        "lastHeartbeatTime": times.to_text(at),
    }
    info = {"machineID": engine_id, "containerRuntimeVersion": "docker://24"}
    status = {"conditions": [condition], "nodeInfo": info}
    return {"metadata": {"name": "n1"}, "status": status}


@dataclass
class World:
    engine: Engine
    sight: Sight
    answers: bool = True
    engine_id: str = "id-1"
    holder: str = ""
    """The other node of this daemon that has the engine."""
    owner: str = "us"
    """The store that owns the engine, or empty."""
    now: float = START
    remains: Remains = field(default_factory=Remains)
    is_gone: bool = False
    phases: list[Phase] = field(default_factory=list)
    done: list[Action] = field(default_factory=list)

    # -- what the keeper does
    def look(self, most: int | None = None) -> float | None:
        """Until the plan waits, or breaks off after `most` actions."""
        for _ in range(_MAX_ROUNDS):
            sight = self._observed()
            self.phases.append(row_of(Situation(self.engine, sight, self.now)).phase)
            todo = plan(self.engine, sight, self.now)
            for action in todo:
                if most is not None and len(self.done) >= most:
                    return None
                self.done.append(action)
                self._perform(action)
            if isinstance(todo[-1], Wait):
                return todo[-1].until
        raise AssertionError(f"does not settle: {self.phases}")

    def _observed(self) -> Sight:
        sight = self.sight
        if sight.wait_until is not None and self.now >= sight.wait_until:
            sight = replace(sight, wait_until=None)
        trouble = "" if self.answers else "no answer"
        return replace(sight, remains=replace(self.remains, trouble=trouble))

    def confirm(self) -> None:
        confirmation: Confirmation | None = None
        for _ in range(_MAX_ROUNDS):
            held = Held(self.sight.agent is not None, confirmation)
            for action in confirm(held, self.now):
                if isinstance(action, Wait):
                    return
                if isinstance(action, actions.ConfirmClaim):
                    is_lost = self.answers and self.owner not in ("us", "")
                    confirmation = Confirmation(THEIRS if is_lost else None)
                self._perform(action)
        raise AssertionError("the claim does not settle")

    def drop_link(self) -> None:
        """As after an exception."""
        self.sight = replace(self.sight, link=None, reservation=None)

    def restart(self) -> None:
        """As a new daemon, which remembers nothing."""
        sight = self.sight
        self.sight = Sight(
            sight.access, claim=sight.claim, handover_until=sight.handover_until
        )

    def pass_time(self, until: float | None) -> None:
        self.now = max(self.now, until or self.now + _PAUSE_SECONDS)
        left = tuple(p for p in self.remains.pods if not p.is_being_deleted)
        self.remains = replace(self.remains, pods=left)
        if self.sight.agent is not None:
            seen = node(self.engine_id, self.now, is_ready=self.answers)
            self.sight = replace(self.sight, node=seen)
            self.confirm()

    def settle(self, looks: int) -> None:
        for _ in range(looks):
            if self.is_gone:
                return
            until = self.look()
            self.drop_link()
            self.pass_time(until)

    # -- what the performer does
    def _perform(self, action: Action) -> None:
        sight, link = self.sight, self.sight.link
        match action:
            case actions.Connect(access=access) if self.answers:
                made = Link(access, self.engine_id, "24")
                self.sight = replace(sight, link=made)
            case actions.Connect():
                self._fail(AWAY)
            case actions.Reserve(engine_id=engine_id):
                found = Reservation(engine_id, self.holder)
                self.sight = replace(sight, reservation=found)
            case actions.TakeClaim(order=order) if link is not None:
                self._take_claim(order, link)
            case actions.RecordFailure(failure=failure):
                self._fail(failure)
            case actions.Disconnect():
                self.drop_link()
            case actions.Launch(labels=labels) if link is not None:
                agent = Agent(link.access, labels, self.now)
                self.sight = replace(
                    sight, agent=agent, link=None, failure=None, wait_until=None
                )
            case actions.Halt():
                self.sight = replace(sight, agent=None, reservation=None, node=None)
            case actions.RelabelAgent(labels=labels) if sight.agent is not None:
                agent = replace(sight.agent, labels=labels)
                self.sight = replace(sight, agent=agent)
            case _:
                self._write(action)

    def _write(self, action: Action) -> None:
        match action:
            case actions.Report(phase=phase, message=message, engine_id=engine_id):
                known_id = engine_id or self.engine.status.engine_id
                self.engine = replace_status(
                    self.engine, phase=phase, message=message, engine_id=known_id
                )
            case actions.ReportFailure(failure=failure):
                self.engine = replace_status(
                    self.engine, phase=failure.phase, message=failure.message
                )
                self.sight = replace(self.sight, is_reported=True)
            case actions.PatchNodeLabels(patch=patch) if self.sight.node is not None:
                meta = self.sight.node["metadata"] | patch["metadata"]
                seen = self.sight.node | {"metadata": meta}
                self.sight = replace(self.sight, node=seen)
            case actions.RemoveOrder():
                self.engine = annotated(self.engine, {})
            case actions.Cordon():
                self.remains = replace(self.remains, is_schedulable=False)
            case actions.DeletePod(uid=uid):
                pods = tuple(
                    replace(p, is_being_deleted=p.is_being_deleted or p.uid == uid)
                    for p in self.remains.pods
                )
                self.remains = replace(self.remains, pods=pods)
            case actions.FinishRemoval():
                self.is_gone = True

    def _fail(self, failure: Failure) -> None:
        pause = 30.0 if failure.phase == REFUSED else 5.0
        self.sight = replace(
            self.sight,
            failure=failure,
            is_reported=False,
            wait_until=self.now + pause,
        )

    def _take_claim(self, order: str, link: Link) -> None:
        is_ours = self.owner in ("us", "")
        if not is_ours and order not in ("true", self.owner):
            refused = link.refused(THEIRS)
            self.sight = replace(self.sight, link=refused, last_order=order)
            return
        claim, handover_until = Claim("us"), 0.0
        if not is_ours:
            claim = Claim("us", taken_from=self.owner)
            handover_until = self.now + HANDOVER_SECONDS
        elif self.sight.claim is not None:
            claim, handover_until = self.sight.claim, self.sight.handover_until
        self.owner = "us"
        self.sight = replace(
            self.sight,
            link=link.claimed(),
            wait_until=None,
            claim=claim,
            handover_until=handover_until,
        )

"""The phases of an engine, from which each plan is made. Pure.

`scripts/engine_phases.py` draws the picture in ARCHITECTURE.md from `TABLE`.

Rules
- An engine is in the first phase of the table whose condition holds. Nothing else is
  remembered: a phase is a fact about the present, not a step that was taken.
- A plan contains only actions that its phase allows.
- `next` lists the phases that may follow; `ANY_TIME` lists those that may follow any.
  Tests find every one of these transitions, and no other. A daemon that starts, or was
  interrupted, may begin in any phase.

The phase in the status of an Engine (Connecting, Connected, Refused) is a summary for
users.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from supervisor.engines.plan import actions, connecting, removing, running
from supervisor.engines.plan.actions import Action
from supervisor.engines.plan.sight import Sight, Situation
from supervisor.model.engine import Engine


class Phase(Enum):
    ORDERED = "Ordered"
    REJECTED = "Rejected"
    FAILED = "Failed"
    REMOVABLE = "Removable"
    CLEARING = "Clearing"
    NO_ACCESS = "NoAccess"
    OUTDATED = "Outdated"
    RUNNING = "Running"
    WAITING = "Waiting"
    CONNECTING = "Connecting"
    ANSWERING = "Answering"
    RESERVED = "Reserved"
    CLAIMED = "Claimed"


@dataclass(frozen=True)
class Row:
    phase: Phase
    when: str
    """The condition in words."""
    holds: Callable[[Situation], bool]
    plan: Callable[[Situation], tuple[Action, ...]]
    allows: tuple[type[Action], ...]
    next: tuple[Phase, ...]


def _is_ordered(it: Situation) -> bool:
    return it.sight.link is not None and it.sight.link.is_claimed and it.order != ""


def _has_link(it: Situation) -> bool:
    return it.sight.link is not None


def _is_reserved(it: Situation) -> bool:
    link = it.sight.link
    return link is not None and it.sight.reservation is not None


def _is_claimed(it: Situation) -> bool:
    return _is_reserved(it) and it.sight.link is not None and it.sight.link.is_claimed


TABLE = (
    Row(
        Phase.ORDERED,
        "the engine is claimed, and an order to take it over is left",
        _is_ordered,
        connecting.carry_out_order,
        (actions.NoteTakeover, actions.RemoveOrder, actions.RecordEvent),
        (Phase.CLAIMED, Phase.REJECTED),
    ),
    Row(
        Phase.REJECTED,
        "the engine answers, and cannot be ours now",
        lambda it: connecting.rejection(it) is not None,
        connecting.reject,
        (actions.Halt, actions.Disconnect, actions.RecordFailure),
        (Phase.FAILED,),
    ),
    Row(
        Phase.FAILED,
        "the last attempt failed, and the status does not show it",
        connecting.is_unreported,
        connecting.report_failure,
        (actions.ShowPlaceholder, actions.ReportFailure, actions.Wait),
        (Phase.WAITING, Phase.CONNECTING),
    ),
    Row(
        Phase.REMOVABLE,
        "the Engine is deleted, and the engine has nothing of ours",
        removing.is_removable,
        removing.remove,
        (
            actions.ReleaseClaim,
            actions.Halt,
            actions.ForgetFiles,
            actions.FinishRemoval,
            actions.RecordEvent,
            actions.Wait,
        ),
        (),
    ),
    Row(
        Phase.CLEARING,
        "the Engine is deleted, and pods have to end",
        removing.is_clearing,
        removing.clear,
        (
            actions.Cordon,
            actions.DeletePod,
            actions.RecordFailure,
            actions.Report,
            actions.Wait,
        ),
        (Phase.CONNECTING, Phase.FAILED),
    ),
    Row(
        Phase.NO_ACCESS,
        "a file or Secret that leads to the engine cannot be used",
        running.has_no_access,
        running.report_no_access,
        (actions.ShowPlaceholder, actions.Report, actions.Wait),
        (
            Phase.CONNECTING,
            Phase.FAILED,
            Phase.WAITING,
            Phase.RUNNING,
            Phase.OUTDATED,
        ),
    ),
    Row(
        Phase.OUTDATED,
        "the agent runs with an earlier access",
        running.is_outdated,
        running.replace_agent,
        (actions.Halt,),
        (Phase.CONNECTING,),
    ),
    Row(
        Phase.RUNNING,
        "the agent runs",
        running.is_running,
        running.follow,
        (
            actions.RelabelAgent,
            actions.PatchNodeLabels,
            actions.Reserve,
            actions.RecordEvent,
            actions.Report,
            actions.Wait,
        ),
        (Phase.OUTDATED, Phase.REJECTED, Phase.FAILED),
    ),
    Row(
        Phase.WAITING,
        "the next attempt is not due",
        connecting.is_waiting,
        connecting.wait,
        (actions.Wait,),
        (Phase.CONNECTING,),
    ),
    Row(
        Phase.CONNECTING,
        "there is no agent, and an attempt is due",
        lambda it: not _has_link(it),
        connecting.connect,
        (actions.Connect,),
        (Phase.ANSWERING, Phase.FAILED),
    ),
    Row(
        Phase.ANSWERING,
        "the engine has answered",
        lambda it: not _is_reserved(it),
        connecting.reserve,
        (actions.Reserve,),
        (Phase.RESERVED, Phase.REJECTED),
    ),
    Row(
        Phase.RESERVED,
        "no other node of ours has the engine",
        lambda it: not _is_claimed(it),
        connecting.claim,
        (actions.RecordEvent, actions.TakeClaim),
        (Phase.ORDERED, Phase.CLAIMED, Phase.REJECTED),
    ),
    Row(
        Phase.CLAIMED,
        "the engine is ours",
        _is_claimed,
        connecting.launch,
        (actions.Launch, actions.Report, actions.RecordEvent, actions.Wait),
        (Phase.RUNNING,),
    ),
)

ANY_TIME = (Phase.NO_ACCESS, Phase.CLEARING, Phase.REMOVABLE)


def row_of(it: Situation) -> Row:
    return next(row for row in TABLE if row.holds(it))


def plan(engine: Engine, sight: Sight, now: float) -> tuple[Action, ...]:
    """What to do next. The look is over if the last action is `Wait`."""
    it = Situation(engine, sight, now)
    row = row_of(it)
    todo = row.plan(it)
    assert all(isinstance(action, row.allows) for action in todo), row.phase
    return todo

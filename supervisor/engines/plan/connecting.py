"""From an engine without an agent to one that runs. Pure.

Rules
- An agent starts only after the engine has answered, is reserved for this node, has
  our claim, and its previous owner has stopped acting.
- An engine that cannot be ours is released at once, so that it is free for others.
- An order to take an engine over is carried out once, and then removed.
"""

from supervisor.engines.access import Access
from supervisor.engines.failure import TAKEN, TAKING_OVER, Failure
from supervisor.engines.plan.actions import (
    Action,
    Connect,
    Disconnect,
    Halt,
    Launch,
    NoteTakeover,
    RecordEvent,
    RecordFailure,
    RemoveOrder,
    Report,
    ReportFailure,
    Reserve,
    ShowPlaceholder,
    TakeClaim,
    Wait,
)
from supervisor.engines.plan.sight import Situation
from supervisor.model import endpoint
from supervisor.model.engine import CONNECTED, CONNECTING, REFUSED
from supervisor.runtime.ownership import ANY_OWNER

FILES_SECONDS = 30.0
"""Interval at which files that lead to an engine are checked for changes."""
LEAVING_SECONDS = 1.0
"""Interval at which an engine that is being removed is looked at."""
_NOT_DUE = "the next attempt is not due yet"


def rejection(it: Situation) -> Failure | None:
    """Why an engine that answers cannot be ours now."""
    link, reservation = it.sight.link, it.sight.reservation
    if reservation is not None and reservation.holder:
        text = (
            f'this is the engine of node "{reservation.holder}" already: an engine is '
            "one node only"
        )
        return Failure(REFUSED, TAKEN, text)
    if link is None:
        return None
    if link.refusal is not None:
        return link.refusal
    if link.is_claimed and it.now < it.sight.handover_until:
        before = it.sight.claim.taken_from if it.sight.claim else ""
        owner = "its owner" if before == ANY_OWNER else f"store {before}"
        text = f"the engine was taken over; {owner} has a few seconds to let go"
        return Failure(CONNECTING, TAKING_OVER, text)
    return None


def reject(it: Situation) -> tuple[Action, ...]:
    failure = rejection(it)
    assert failure is not None
    because = str(failure)
    end = Halt(because=because) if it.sight.agent else Disconnect(because=because)
    return (end, RecordFailure(failure, because=because))


def is_unreported(it: Situation) -> bool:
    sight = it.sight
    if sight.failure is None or sight.is_reported or not it.is_alone:
        return False
    # While an engine is cleared, its status says what that waits for.
    return it.is_anothers if it.is_leaving else isinstance(sight.access, Access)


def report_failure(it: Situation) -> tuple[Action, ...]:
    failure = it.sight.failure
    assert failure is not None
    until = it.now if it.sight.wait_until is None else it.sight.wait_until
    if it.is_leaving:
        until = it.now + LEAVING_SECONDS
    return (
        ShowPlaceholder(failure, because=str(failure)),
        ReportFailure(failure, because=str(failure)),
        Wait(until, because=_NOT_DUE),
    )


def is_waiting(it: Situation) -> bool:
    is_due = it.sight.wait_until is None or it.is_newly_ordered
    return it.is_alone and not is_due


def wait(it: Situation) -> tuple[Action, ...]:
    return (Wait(it.sight.wait_until, because=_NOT_DUE),)


def connect(it: Situation) -> tuple[Action, ...]:
    access, failure = it.sight.access, it.sight.failure
    assert isinstance(access, Access)
    because = f"the last attempt failed: {failure}" if failure else "there is no agent"
    return (Connect(access, because=because),)


def reserve(it: Situation) -> tuple[Action, ...]:
    assert it.sight.link is not None
    because = "the engine has answered"
    return (Reserve(it.sight.link.engine_id, because=because),)


def claim(it: Situation) -> tuple[Action, ...]:
    assert it.sight.link is not None
    because = "no other node has the engine"
    take = TakeClaim(it.order, because=because)
    return (*replaced(it, it.sight.link.engine_id), take)


def replaced(it: Situation, engine_id: str) -> tuple[Action, ...]:
    """An event if the engine is another one than before."""
    before = it.engine.status.engine_id
    if before in ("", engine_id):
        return ()
    text = (
        f"another engine answers at {it.engine.spec.endpoint}: {engine_id}, before it "
        f"was {before}; the node's pods are started anew there"
    )
    return (RecordEvent("Warning", "EngineReplaced", because=text),)


def carry_out_order(it: Situation) -> tuple[Action, ...]:
    taken_from = it.sight.claim.taken_from if it.sight.claim else ""
    if not taken_from:
        return (RemoveOrder(because="the engine is ours already"),)
    text = f"the engine was taken over from store {taken_from}"
    return (
        NoteTakeover(because=text),
        RemoveOrder(because=text),
        RecordEvent("Warning", "EngineTakenOver", because=text),
    )


def launch(it: Situation) -> tuple[Action, ...]:
    link, spec = it.sight.link, it.engine.spec
    assert link is not None
    actions: list[Action] = [
        Launch(it.labels, because="the engine is ours"),
        report_connected(it, link.engine_id, link.engine_version),
    ]
    if endpoint.parse(spec.endpoint).scheme == "tcp" and link.access.tls is None:
        text = f"{spec.endpoint} is not protected: whoever reaches it is root there"
        actions.append(RecordEvent("Warning", "EngineInsecure", because=text))
    if link.access.deprecated:
        text = link.access.deprecated
        actions.append(RecordEvent("Warning", "EngineNamesPaths", because=text))
    if not it.is_leaving:
        actions.append(rest(it))
    return tuple(actions)


def report_connected(it: Situation, engine_id: str, version: str) -> Report:
    """The status of an engine whose agent runs."""
    sight = it.sight
    return Report(
        CONNECTED,
        "Unclaimed" if sight.claim_trouble else "Connected",
        sight.claim_trouble,
        engine_id,
        version,
        sight.claim,
        because=sight.claim_trouble or f"connected to {it.engine.spec.endpoint}",
    )


def rest(it: Situation) -> Wait:
    """The end of a look at an engine whose agent runs."""
    tls = it.engine.spec.tls
    names_files = it.engine.spec.ssh_config or (tls is not None and not tls.secret_name)
    if names_files:
        because = "the files that lead to the engine may change"
        return Wait(it.now + FILES_SECONDS, because=because)
    return Wait(because="the agent runs")

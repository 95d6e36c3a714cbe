"""Keeps the claim on an engine while its agent runs, and what follows from its loss.

Pure. Kept apart from the phases, because it is done every few seconds, and must not
depend on the API.
"""

from supervisor.engines.plan.actions import (
    Action,
    ConfirmClaim,
    EraseNode,
    ForgetFiles,
    Halt,
    LookAgain,
    RecordFailure,
    Wait,
)
from supervisor.engines.plan.sight import Held
from supervisor.runtime.ownership import CONFIRM_SECONDS


def confirm(held: Held, now: float) -> tuple[Action, ...]:
    found = held.confirmation
    if found is not None and found.loss is not None:
        because = str(found.loss)
        return (
            Halt(because=because),
            RecordFailure(found.loss, because=because),
            LookAgain(because=because),
            Wait(because=because),
        )
    if not held.has_agent:
        return (Wait(because="there is no agent"),)
    if found is None:
        return (ConfirmClaim(because=f"{CONFIRM_SECONDS:g} s have passed"),)
    wait = Wait(now + CONFIRM_SECONDS, because="the engine is ours")
    if found.is_changed:
        return (LookAgain(because="the record of the owner has changed"), wait)
    return (wait,)


def vanished(*, is_finished: bool) -> tuple[Action, ...]:
    """The plan for an Engine that is gone.

    If the removal was not finished, its finalizer was removed by hand: garbage
    collection deletes the pods, and containers stay.
    """
    because = "the Engine is gone"
    if is_finished:
        return ()
    return (
        Halt(because=because),
        ForgetFiles(because=because),
        EraseNode(because=because),
    )

"""The removal of an engine: its pods end, then its Node goes, then the Engine. Pure.

Rules
- No pod is left without an agent: the Node takes no new pods, and those that it has are
  deleted with their grace period, so that controllers replace them elsewhere.
- The Engine stays, and its status says what it waits for, until the engine has nothing
  of ours. An engine that does not answer is given up only by order, and some time after
  the removal began; what runs there stays.
- An engine that never was ours, or belongs to another store, is removed at once.
"""

from collections.abc import Sequence

from supervisor.engines.access import Access
from supervisor.engines.failure import Failure
from supervisor.engines.plan.actions import (
    Action,
    Cordon,
    DeletePod,
    FinishRemoval,
    ForgetFiles,
    Halt,
    RecordEvent,
    RecordFailure,
    ReleaseClaim,
    Report,
    Wait,
)
from supervisor.engines.plan.connecting import LEAVING_SECONDS
from supervisor.engines.plan.sight import Situation
from supervisor.model import times
from supervisor.model.engine import CONNECTED, CONNECTING, FORCE_REMOVAL

GIVE_UP_SECONDS = 10.0
_MAX_NAMED = 3
_BECAUSE = "the Engine is deleted"


def is_clearing(it: Situation) -> bool:
    """The engine is being removed, and may have something of ours."""
    sight = it.sight
    if not it.is_leaving or not it.may_have_remains or sight.link is not None:
        return False
    can_connect = isinstance(sight.access, Access) and sight.wait_until is None
    return sight.agent is not None or not can_connect


def clear(it: Situation) -> tuple[Action, ...]:
    remains, access = it.sight.remains, it.sight.access
    assert remains is not None
    if remains.is_schedulable:
        return (Cordon(because=_BECAUSE),)
    actions = list[Action]()
    if it.sight.agent is None and isinstance(access, Failure):
        actions.append(RecordFailure(access, because=str(access)))
    for pod in remains.pods:
        if not pod.is_being_deleted:
            delete = DeletePod(pod.namespace, pod.name, pod.uid, because=_BECAUSE)
            actions.append(delete)
    waits = _waits(it)
    report = Report(
        CONNECTING if _trouble(it) else CONNECTED, "Removing", waits, because=waits
    )
    return (*actions, report, Wait(it.now + LEAVING_SECONDS, because=waits))


def is_removable(it: Situation) -> bool:
    if not it.is_leaving:
        return False
    if not it.may_have_remains:
        return True
    remains = it.sight.remains
    if not is_clearing(it) or remains is None or remains.is_schedulable:
        return False
    return not _waits(it) or _is_given_up(it)


def remove(it: Situation) -> tuple[Action, ...]:
    removed = f"node {it.engine.name} is removed"
    return (
        ReleaseClaim(because=_BECAUSE),
        Halt(because=_BECAUSE),
        ForgetFiles(because=_BECAUSE),
        FinishRemoval(because=_BECAUSE),
        RecordEvent("Normal", "EngineRemoved", because=removed),
        Wait(because=removed),
    )


def _trouble(it: Situation) -> str:
    """Why we do not know what the engine has."""
    sight = it.sight
    if sight.agent is not None:
        return sight.remains.trouble if sight.remains else ""
    failure = sight.access if isinstance(sight.access, Failure) else sight.failure
    return str(failure or "")


def _waits(it: Situation) -> str:
    """What the removal waits for; empty if for nothing."""
    trouble, remains = _trouble(it), it.sight.remains
    if trouble or it.sight.agent is None or remains is None:
        return f"waiting for the engine, to remove what is ours: {trouble}"
    return _named(sorted({*map(str, remains.pods), *remains.on_engine}))


def _named(left: Sequence[str]) -> str:
    if not left:
        return ""
    named = ", ".join(left[:_MAX_NAMED])
    more = f" and {len(left) - _MAX_NAMED} more" if len(left) > _MAX_NAMED else ""
    return f"waiting for {len(left)} pod(s) to end: {named}{more}"


def _is_given_up(it: Situation) -> bool:
    """Whether an engine that does not answer is no longer waited for."""
    metadata = it.engine.metadata
    is_forced = (metadata.annotations or {}).get(FORCE_REMOVAL) == "true"
    since = metadata.deletion_timestamp
    if not (_trouble(it) and is_forced and since):
        return False
    return it.now - times.to_seconds(since) >= GIVE_UP_SECONDS

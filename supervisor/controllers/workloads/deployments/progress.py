"""The status of a Deployment: counts, and conditions with their messages. Pure.

Follows pkg/controller/deployment/{sync,progress}.go and util/deployment_util.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.workloads.deployments.sets import (
    SetState,
    bounds_of,
    new_of,
)
from supervisor.model import times
from supervisor.model.meta import Object, encode
from supervisor.model.workloads import Deployment, DeploymentCondition, DeploymentStatus

NO_DEADLINE = 2**31 - 1
AVAILABLE, PROGRESSING, FAILURE = "Available", "Progressing", "ReplicaFailure"
_DONE = "NewReplicaSetAvailable"
_LATE = "ProgressDeadlineExceeded"
_PAUSED, _RESUMED = "DeploymentPaused", "DeploymentResumed"


@dataclass(frozen=True)
class Happened:
    """What was done in this pass, as far as the status tells of it."""

    created: str = ""
    """Name of a ReplicaSet that was created."""
    found: str = ""
    """Name of the one of the present template that was there when none was known."""
    failed: str = ""
    """Why the ReplicaSet could not be created."""
    collisions: int | None = None


def status_of(
    deployment: Deployment, sets: Sequence[SetState], done: Happened, now: float
) -> DeploymentStatus:
    before = deployment.status
    new = new_of(sets)
    counts = DeploymentStatus(
        observed_generation=deployment.metadata.generation,
        replicas=sum(s.current for s in sets),
        updated_replicas=new.current if new else 0,
        ready_replicas=sum(s.ready for s in sets),
        available_replicas=sum(s.available for s in sets),
        unavailable_replicas=max(
            0, sum(s.replicas for s in sets) - sum(s.available for s in sets)
        ),
        collision_count=before.collision_count
        if done.collisions is None
        else done.collisions,
    )
    found = [_available(deployment, counts)]
    progressing = _progressing(deployment, counts, new, done, now)
    if progressing is not None:
        found.append(progressing)
    failure = next(
        (s.failure for s in (*((new,) if new else ()), *sets) if s.failure), None
    )
    if failure is not None:
        status, reason, message = failure
        found.append(_condition(FAILURE, status, reason, message))
    ours = {AVAILABLE, PROGRESSING, FAILURE}
    others = [c for c in before.conditions if c.type not in ours]
    rows = (*others, *(_dated(c, before, now) for c in found))
    return _with_conditions(counts, rows)


def _with_conditions(
    counts: DeploymentStatus, rows: tuple[DeploymentCondition, ...]
) -> DeploymentStatus:
    fields = {name: getattr(counts, name) for name in counts.__struct_fields__}
    return DeploymentStatus(**(fields | {"conditions": rows}))


def _condition(kind: str, status: str, reason: str, text: str) -> DeploymentCondition:
    return DeploymentCondition(type=kind, status=status, reason=reason, message=text)


def held(status: DeploymentStatus, kind: str) -> DeploymentCondition | None:
    return next((c for c in status.conditions if c.type == kind), None)


def _available(deployment: Deployment, counts: DeploymentStatus) -> DeploymentCondition:
    least = bounds_of(deployment).min_available
    if counts.available_replicas >= least:
        text = "Deployment has minimum availability."
        return _condition(AVAILABLE, "True", "MinimumReplicasAvailable", text)
    text = "Deployment does not have minimum availability."
    return _condition(AVAILABLE, "False", "MinimumReplicasUnavailable", text)


def _progressing(
    deployment: Deployment,
    counts: DeploymentStatus,
    new: SetState | None,
    done: Happened,
    now: float,
) -> DeploymentCondition | None:
    """None where no deadline is set; the condition as it was if there is no news."""
    spec, before = deployment.spec, held(deployment.status, PROGRESSING)
    if spec.progress_deadline_seconds in (None, NO_DEADLINE):
        return None
    if done.failed:
        return _condition(PROGRESSING, "False", "ReplicaSetCreateError", done.failed)
    if paused := _pausing(spec.paused, before):
        return paused
    if spec.paused:
        return before
    news = _news(deployment, counts, done, before)
    subject = f'ReplicaSet "{new.name}"' if new else f'Deployment "{_name(deployment)}"'
    if news is not None:
        reason, text = news
        return _condition(PROGRESSING, "True", reason, text.format(subject=subject))
    if is_late(deployment, before, now):
        text = f"{subject} has timed out progressing."
        return _condition(PROGRESSING, "False", _LATE, text)
    return before


def _name(deployment: Deployment) -> str:
    return deployment.metadata.name


def _pausing(
    paused: bool, before: DeploymentCondition | None
) -> DeploymentCondition | None:
    reason = before.reason if before else ""
    if reason == _LATE:
        return None
    if paused and reason != _PAUSED:
        return _condition(PROGRESSING, "Unknown", _PAUSED, "Deployment is paused")
    if not paused and reason == _PAUSED:
        return _condition(PROGRESSING, "Unknown", _RESUMED, "Deployment is resumed")
    return None


def _news(
    deployment: Deployment,
    counts: DeploymentStatus,
    done: Happened,
    before: DeploymentCondition | None,
) -> tuple[str, str] | None:
    """Reason and message of progress that this pass sees."""
    if done.created:
        return "NewReplicaSetCreated", f'Created new replica set "{done.created}"'
    was_done = before is not None and before.reason == _DONE
    if counts.replicas == counts.updated_replicas and was_done:
        return None
    if is_complete(deployment, counts):
        return _DONE, "{subject} has successfully progressed."
    if _moves(deployment.status, counts):
        return "ReplicaSetUpdated", "{subject} is progressing."
    if done.found and before is None:
        return "FoundNewReplicaSet", f'Found new replica set "{done.found}"'
    return None


def is_complete(deployment: Deployment, counts: DeploymentStatus) -> bool:
    wanted = deployment.spec.replicas
    return (
        counts.updated_replicas == wanted
        and counts.replicas == wanted
        and counts.available_replicas == wanted
    )


def _moves(before: DeploymentStatus, now: DeploymentStatus) -> bool:
    return (
        now.updated_replicas > before.updated_replicas
        or now.replicas - now.updated_replicas
        < before.replicas - before.updated_replicas
        or now.ready_replicas > before.ready_replicas
        or now.available_replicas > before.available_replicas
    )


def deadline_of(deployment: Deployment, status: DeploymentStatus) -> float | None:
    """When an update without progress will be late; None if it cannot be."""
    seconds = deployment.spec.progress_deadline_seconds
    condition = held(status, PROGRESSING)
    if seconds in (None, NO_DEADLINE) or condition is None or deployment.spec.paused:
        return None
    if condition.reason in (_DONE, _LATE) or not condition.last_update_time:
        return None
    assert seconds is not None
    return times.to_seconds(condition.last_update_time) + seconds


def is_late(
    deployment: Deployment, before: DeploymentCondition | None, now: float
) -> bool:
    if before is None or before.reason == _DONE:
        return False
    if before.reason == _LATE:
        return True
    at = deadline_of(deployment, deployment.status)
    return at is not None and at <= now


def _dated(
    condition: DeploymentCondition, before: DeploymentStatus, now: float
) -> DeploymentCondition:
    """With the instants of its last update and its last change of status."""
    old = held(before, condition.type)
    if old is not None and (old.status, old.reason, old.message) == (
        condition.status,
        condition.reason,
        condition.message,
    ):
        is_progress = condition.type == PROGRESSING and condition.reason in (
            "ReplicaSetUpdated",
        )
        if condition is old or not is_progress:
            return old
    at = times.to_text(now)
    same_status = old is not None and old.status == condition.status
    changed_at = old.last_transition_time if old is not None and same_status else at
    return DeploymentCondition(
        type=condition.type,
        status=condition.status,
        reason=condition.reason,
        message=condition.message,
        last_update_time=at,
        last_transition_time=changed_at or at,
    )


def to_json(status: DeploymentStatus) -> Object:
    """As the API has it, where a condition's status stands even if it is Unknown."""
    shown = encode(status)
    if status.conditions:
        rows = [{"status": c.status} | encode(c) for c in status.conditions]
        shown["conditions"] = rows
    return shown

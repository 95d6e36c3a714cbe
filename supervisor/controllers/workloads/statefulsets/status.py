"""The status of a StatefulSet. Pure.

Follows updateStatus and completeRollingUpdate of
pkg/controller/statefulset/stateful_set_{control,utils}.go.
"""

from supervisor.controllers.workloads.statefulsets.plan import Sight, revision_of
from supervisor.model.meta import Object, encode
from supervisor.model.statefulset import StatefulSetStatus


def status_of(sight: Sight) -> Object:
    present = [p for p in sight.pods if p.metadata.deletion_timestamp is None]
    current = sum(revision_of(pod) == sight.current for pod in present)
    updated = sum(revision_of(pod) == sight.update for pod in present)
    ready = [p for p in sight.pods if p.status.phase == "Running" and p.is_ready]
    revision = sight.current
    if _is_updated(sight, updated, len(ready)):
        current, revision = updated, sight.update
    counts = StatefulSetStatus(
        observed_generation=sight.stateful_set.metadata.generation,
        replicas=len(sight.pods),
        ready_replicas=len(ready),
        available_replicas=sum(sight.is_available(pod) for pod in sight.pods),
        current_replicas=current,
        updated_replicas=updated,
        current_revision=revision,
        update_revision=sight.update,
    )
    return {"replicas": 0, "availableReplicas": 0} | encode(counts)


def _is_updated(sight: Sight, updated: int, ready: int) -> bool:
    """Whether a rolling update is complete."""
    spec = sight.stateful_set.spec
    is_rolling = spec.update_strategy.type == "RollingUpdate"
    return is_rolling and len(sight.pods) == updated == ready == spec.replicas

"""Rules of the counts in a status: none is negative, none exceeds what contains it.

Follows ValidateReplicaSetStatus and its siblings of
pkg/apis/{core,apps}/validation/validation.go.
"""

from supervisor.model.errors import invalid
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors


def check_replicas(status: Object) -> Errors:
    """Of a ReplicationController or a ReplicaSet."""
    yield from not_negative(
        status,
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "observedGeneration",
        "terminatingReplicas",
    )
    for field in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        detail = "cannot be greater than status.replicas"
        yield from at_most(status, field, "replicas", detail)
    detail = "cannot be greater than readyReplicas"
    yield from at_most(status, "availableReplicas", "readyReplicas", detail)


def not_negative(status: Object, *fields: str) -> Errors:
    for field in fields:
        yield from report.not_negative(f"status.{field}", status.get(field))


def not_decremented(new: Object, old: Object, field: str) -> Errors:
    """Of a count in a status that may be absent at first."""
    before, now = old.get(field), new.get(field)
    if before is not None and (now is None or now < before):
        yield invalid(f"status.{field}", now or 0, "cannot be decremented")


def at_most(status: Object, field: str, bound: str, detail: str) -> Errors:
    count = status.get(field) or 0
    if count > (status.get(bound) or 0):
        yield invalid(f"status.{field}", count, detail)

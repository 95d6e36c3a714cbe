"""The ReplicaSets of a Deployment as its plan reads them. Pure.

Follows pkg/controller/deployment/util/deployment_util.go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from supervisor.kinds.columns import get
from supervisor.kinds.workloads import amounts, revisions
from supervisor.model.meta import Object
from supervisor.model.workloads import Deployment

DESIRED = "deployment.kubernetes.io/desired-replicas"
MAX = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    revisions.REVISION,
    "deployment.kubernetes.io/revision-history",
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
}


@dataclass(frozen=True)
class SetState:
    """One ReplicaSet: what it is to have, and what it has."""

    name: str
    replicas: int
    """What its spec asks for."""
    current: int = 0
    ready: int = 0
    available: int = 0
    revision: int = 0
    created: str = ""
    desired: int | None = None
    """The size of the Deployment when the set was last scaled; None: not known."""
    max_total: int | None = None
    """The most pods that all sets might have then."""
    is_new: bool = False
    """It has the Deployment's present template."""
    is_settled: bool = True
    """Its status is about its present spec, and it is not being deleted."""
    notes: tuple[tuple[str, str], ...] = ()
    """Its annotations that are copies of the Deployment's."""
    min_ready_seconds: int = 0
    failure: tuple[str, str, str] | None = None
    """Status, reason and message of its condition ReplicaFailure."""


def states(deployment: Object, sets: Sequence[Object]) -> tuple[SetState, ...]:
    """Oldest first."""
    newest = revisions.newest(deployment, sets)
    made = [_state(rs, is_new=rs is newest) for rs in sets]
    return tuple(sorted(made, key=lambda s: (s.created, s.name)))


def _state(rs: Object, *, is_new: bool) -> SetState:
    meta, spec = rs["metadata"], rs.get("spec") or {}
    notes = meta.get("annotations") or {}
    seen = int(get(rs, "status.observedGeneration", 0))
    is_settled = seen >= int(meta.get("generation") or 0)
    return SetState(
        name=meta["name"],
        replicas=int(spec.get("replicas") or 0),
        current=int(get(rs, "status.replicas", 0)),
        ready=int(get(rs, "status.readyReplicas", 0)),
        available=min(
            int(get(rs, "status.availableReplicas", 0)),
            # A status that lags behind counts pods that are on their way out.
            int(spec.get("replicas") or 0),
        ),
        revision=revisions.revision_of(rs),
        created=meta.get("creationTimestamp") or "",
        desired=_number(notes.get(DESIRED)),
        max_total=_number(notes.get(MAX)),
        is_new=is_new,
        is_settled=is_settled and not meta.get("deletionTimestamp"),
        min_ready_seconds=int(spec.get("minReadySeconds") or 0),
        failure=_failure(rs),
        notes=copied(notes),
    )


def copied(notes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The annotations that a ReplicaSet takes over from its Deployment."""
    return tuple(sorted((k, v) for k, v in notes.items() if k not in _NOT_COPIED))


def _failure(rs: Object) -> tuple[str, str, str] | None:
    for condition in get(rs, "status.conditions", []):
        if condition.get("type") == "ReplicaFailure":
            words = (condition.get(k, "") for k in ("status", "reason", "message"))
            status, reason, message = words
            return status, reason, message
    return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


@dataclass(frozen=True)
class Bounds:
    """How far a rolling update may go, in pods."""

    replicas: int
    surge: int
    unavailable: int

    @property
    def max_total(self) -> int:
        return self.replicas + self.surge

    @property
    def min_available(self) -> int:
        return self.replicas - self.unavailable


def bounds_of(deployment: Deployment) -> Bounds:
    """With percentages resolved; both are never zero. No surge in Recreate."""
    spec = deployment.spec
    if spec.strategy.type != "RollingUpdate":
        return Bounds(spec.replicas, 0, 0)
    rolling = spec.strategy.rolling_update
    surge = amounts.scaled(rolling.max_surge if rolling else 1, spec.replicas, up=True)
    missing = amounts.scaled(
        rolling.max_unavailable if rolling else 1, spec.replicas, up=False
    )
    if surge == 0 and missing == 0:
        # They would allow nothing at all.
        missing = 1
    return Bounds(spec.replicas, surge, min(missing, spec.replicas))


def active(sets: Iterable[SetState]) -> tuple[SetState, ...]:
    """Those that are to have pods."""
    return tuple(s for s in sets if s.replicas > 0)


def new_of(sets: Iterable[SetState]) -> SetState | None:
    return next((s for s in sets if s.is_new), None)


def old_of(sets: Iterable[SetState]) -> tuple[SetState, ...]:
    return tuple(s for s in sets if not s.is_new)

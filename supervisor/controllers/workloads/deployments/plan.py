"""What to do about the ReplicaSets of a Deployment. Pure.

Rules
- One thing at a time, as upstream: a change of size, then the set of the present
  template, then the older ones, and when all is done those that nobody needs.
- A Deployment that is paused changes its size, and nothing else.
- Recreate waits until no pod of an older template is left.

Follows pkg/controller/deployment/{deployment_controller,rolling,recreate,sync}.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.workloads.deployments import scaling
from supervisor.controllers.workloads.deployments.scaling import Sizes
from supervisor.controllers.workloads.deployments.sets import (
    Bounds,
    SetState,
    active,
    bounds_of,
    copied,
    new_of,
    old_of,
)
from supervisor.model.workloads import Deployment


@dataclass(frozen=True)
class CreateSet:
    replicas: int
    revision: int
    because: str

    def __str__(self) -> str:
        return f"create a ReplicaSet of {self.replicas} ({self.because})"


@dataclass(frozen=True)
class ScaleSet:
    name: str
    before: int
    after: int
    because: str

    def __str__(self) -> str:
        return f"scale {self.name} from {self.before} to {self.after} ({self.because})"


@dataclass(frozen=True)
class UpdateSet:
    """Give the set its revision, and what it copies from the Deployment."""

    name: str
    revision: int
    because: str

    def __str__(self) -> str:
        return f"make {self.name} revision {self.revision} ({self.because})"


@dataclass(frozen=True)
class DeleteSet:
    name: str
    because: str

    def __str__(self) -> str:
        return f"delete {self.name} ({self.because})"


Action = CreateSet | ScaleSet | UpdateSet | DeleteSet


def plan(
    deployment: Deployment, sets: Sequence[SetState], *, old_pods_run: bool = False
) -> tuple[Action, ...]:
    """`sets` are those that the Deployment owns; `old_pods_run` is for Recreate."""
    if deployment.metadata.deletion_timestamp:
        return ()
    bounds = bounds_of(deployment)
    rolling = deployment.spec.strategy.type == "RollingUpdate"
    is_resized = scaling.is_resized(bounds, sets)
    if deployment.spec.paused or (is_resized and (rolling or len(active(sets)) < 2)):
        sizes = scaling.resize(bounds, sets, rolling=rolling)
        todo = _scale(sets, sizes, bounds, f"{bounds.replicas} replicas are wanted")
        return todo or (_unneeded(deployment, sets) if deployment.spec.paused else ())
    numbered = _numbered(deployment, sets)
    todo = _roll(bounds, sets) if rolling else _recreate(bounds, sets, old_pods_run)
    if not todo and _is_complete(bounds, sets):
        todo = _unneeded(deployment, sets)
    return (*numbered, *todo)


def next_revision(sets: Sequence[SetState]) -> int:
    """The revision of the present template."""
    return max((s.revision for s in old_of(sets)), default=0) + 1


def _roll(bounds: Bounds, sets: Sequence[SetState]) -> tuple[Action, ...]:
    if new_of(sets) is None:
        size = scaling.size_of_new(bounds, sets, rolling=True)
        return (_create(size, sets),)
    grown = scaling.grow_new(bounds, sets, rolling=True)
    if grown:
        return _scale(sets, grown, bounds, "its template is the present one")
    return _scale(sets, scaling.shrink_old(bounds, sets), bounds, "its template is old")


def _recreate(
    bounds: Bounds, sets: Sequence[SetState], old_pods_run: bool
) -> tuple[Action, ...]:
    shrunk = scaling.shrink_all_old(sets)
    if shrunk:
        return _scale(sets, shrunk, bounds, "its template is old")
    if old_pods_run:
        return ()
    if new_of(sets) is None:
        return (_create(bounds.replicas, sets),)
    grown = scaling.grow_new(bounds, sets, rolling=False)
    return _scale(sets, grown, bounds, "its template is the present one")


def _create(size: int, sets: Sequence[SetState]) -> CreateSet:
    return CreateSet(size, next_revision(sets), "no ReplicaSet has the template")


def _scale(
    sets: Sequence[SetState], sizes: Sizes, bounds: Bounds, because: str
) -> tuple[Action, ...]:
    by_name = {s.name: s for s in sets}
    return tuple(
        ScaleSet(name, by_name[name].replicas, size, because)
        for name, size in sizes.items()
        if size != by_name[name].replicas or by_name[name].desired != bounds.replicas
    )


def _numbered(
    deployment: Deployment, sets: Sequence[SetState]
) -> tuple[UpdateSet, ...]:
    new = new_of(sets)
    if new is None:
        return ()
    revision = max(new.revision, next_revision(sets))
    wanted = copied(deployment.metadata.annotations or {})
    if new.revision != revision:
        return (UpdateSet(new.name, revision, "its template is the present one"),)
    is_same = set(wanted) <= set(new.notes)
    if is_same and new.min_ready_seconds == deployment.spec.min_ready_seconds:
        return ()
    return (UpdateSet(new.name, revision, "the Deployment has changed"),)


def _is_complete(bounds: Bounds, sets: Sequence[SetState]) -> bool:
    new = new_of(sets)
    if new is None or active(old_of(sets)):
        return False
    return new.current == new.available == bounds.replicas


def _unneeded(
    deployment: Deployment, sets: Sequence[SetState]
) -> tuple[DeleteSet, ...]:
    """Older sets beyond the history limit, but for those that still have pods."""
    limit = deployment.spec.revision_history_limit
    old = sorted(old_of(sets), key=lambda s: s.revision)
    if limit is None or len(old) <= limit:
        return ()
    because = f"revisionHistoryLimit is {limit}"
    surplus = old[: len(old) - limit]
    return tuple(
        DeleteSet(s.name, because)
        for s in surplus
        if s.replicas == 0 and s.current == 0 and s.is_settled
    )

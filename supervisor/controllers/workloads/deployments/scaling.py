"""How many pods each ReplicaSet of a Deployment should have. Pure.

Rules
- All functions answer sizes by name; a set that is left alone does not appear.
- A rolling update never has more than `replicas + maxSurge` pods asked for, and never
  takes available ones below `replicas - maxUnavailable`.
- A Deployment that changes its size in the middle of an update shares the difference
  among its sets by their sizes.

Follows pkg/controller/deployment/{rolling,sync}.go.
"""

from collections.abc import Mapping, Sequence

from supervisor.controllers.workloads.deployments.sets import (
    Bounds,
    SetState,
    active,
    new_of,
    old_of,
)

Sizes = Mapping[str, int]


def size_of_new(bounds: Bounds, sets: Sequence[SetState], *, rolling: bool) -> int:
    """The size to give the set of the present template, which may not be there yet."""
    present = new_of(sets)
    have = present.replicas if present else 0
    if have >= bounds.replicas or not rolling:
        return bounds.replicas
    room = bounds.max_total - sum(s.replicas for s in sets)
    return have + max(0, min(room, bounds.replicas - have))


def grow_new(bounds: Bounds, sets: Sequence[SetState], *, rolling: bool) -> Sizes:
    present = new_of(sets)
    if present is None:
        return {}
    size = size_of_new(bounds, sets, rolling=rolling)
    return {} if size == present.replicas else {present.name: size}


def shrink_old(bounds: Bounds, sets: Sequence[SetState]) -> Sizes:
    """Take pods away from older sets: unhealthy ones first, then as many as may be."""
    present, old = new_of(sets), active(old_of(sets))
    missing_new = present.replicas - present.available if present else 0
    total = sum(s.replicas for s in sets)
    most = total - bounds.min_available - missing_new
    if most <= 0:
        return {}
    sizes = {s.name: s.replicas for s in old}
    _take_unhealthy(sizes, old, most)
    _take_available(sizes, old, sum(s.available for s in sets) - bounds.min_available)
    return {s.name: sizes[s.name] for s in old if sizes[s.name] != s.replicas}


def _take_unhealthy(sizes: dict[str, int], old: Sequence[SetState], most: int) -> None:
    for each in old:
        taken = min(most, max(0, each.replicas - each.available))
        sizes[each.name] -= taken
        most -= taken


def _take_available(sizes: dict[str, int], old: Sequence[SetState], most: int) -> None:
    for each in old:
        if most <= 0:
            return
        taken = min(most, sizes[each.name])
        sizes[each.name] -= taken
        most -= taken


def shrink_all_old(sets: Sequence[SetState]) -> Sizes:
    return {s.name: 0 for s in active(old_of(sets))}


def is_resized(bounds: Bounds, sets: Sequence[SetState]) -> bool:
    """Whether the Deployment has another size than when its sets were scaled."""
    return any(
        s.desired is not None and s.desired != bounds.replicas for s in active(sets)
    )


def resize(bounds: Bounds, sets: Sequence[SetState], *, rolling: bool) -> Sizes:
    """Bring the sets to the Deployment's size, without going on with an update.

    Sets whose size is right already appear too: they remember the size they are for.
    """
    only = _only_one(sets)
    if only is not None:
        return {only.name: bounds.replicas}
    present = new_of(sets)
    if present is not None and _is_saturated(present, bounds.replicas):
        return shrink_all_old(sets)
    return _in_proportion(bounds, active(sets)) if rolling else {}


def _only_one(sets: Sequence[SetState]) -> SetState | None:
    """The one set that has pods, or the newest if none has; None if several have."""
    busy = active(sets)
    if len(busy) > 1:
        return None
    if busy:
        return busy[0]
    latest = max(sets, key=lambda s: s.revision, default=None)
    return new_of(sets) or latest


def _is_saturated(present: SetState, replicas: int) -> bool:
    return present.replicas == present.desired == present.available == replicas


def _in_proportion(bounds: Bounds, sets: Sequence[SetState]) -> Sizes:
    allowed = bounds.max_total if bounds.replicas > 0 else 0
    to_add = allowed - sum(s.replicas for s in sets)
    # The largest first; of equal ones the newer when growing, else the older.
    ordered = sorted(sets, key=lambda s: s.created, reverse=to_add > 0)
    ordered.sort(key=lambda s: s.replicas, reverse=True)
    sizes, added = {}, 0
    for each in ordered:
        share = _share(each, bounds, to_add - added) if to_add else 0
        sizes[each.name] = each.replicas + share
        added += share
    if ordered:
        first = ordered[0].name
        sizes[first] = max(0, sizes[first] + to_add - added)
    return sizes


def _share(each: SetState, bounds: Bounds, left: int) -> int:
    """How many of the pods that are `left` to add, or to take, are this set's."""
    if each.replicas == 0 or left == 0:
        return 0
    if bounds.replicas == 0:
        share = -each.replicas
    else:
        before = each.max_total or bounds.max_total
        grown = (2 * each.replicas * bounds.max_total + before) // (2 * before)
        share = grown - each.replicas
    return min(share, left) if left > 0 else max(share, left)

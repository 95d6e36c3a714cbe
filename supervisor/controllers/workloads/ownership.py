"""What the garbage collector does about one object: the decisions. Pure.

Rules, by the state of the owners an object names
- One owner lives: the object stays, and loses its references to those that do not.
- All owners are gone, or wait for their dependents in a foreground deletion: it is
  deleted.
- An owner of a kind that we do not serve counts as living: we cannot know better.

Rules for an object that is being deleted
- With finalizer `orphan`: its dependents lose the reference to it, then it goes.
- With finalizer `foregroundDeletion`: it goes when no dependent blocks it any more.

Follows pkg/controller/garbagecollector/garbagecollector.go (attemptToDeleteItem).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from supervisor.model.finalizers import FOREGROUND as FOREGROUND
from supervisor.model.finalizers import ORPHAN as ORPHAN
from supervisor.model.meta import ObjectMeta, OwnerReference


class OwnerState(Enum):
    LIVING = "living"
    GONE = "gone"
    WAITING = "waiting for its dependents"


@dataclass(frozen=True)
class Keep:
    because: str


@dataclass(frozen=True)
class DropReferences:
    uids: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Delete:
    propagation_policy: str
    unblock: bool
    """First let the object no longer block its owners: it waits for them in turn."""
    because: str


@dataclass(frozen=True)
class ReleaseDependents:
    """Take the references to the object away, then finalizer `orphan`."""

    because: str


@dataclass(frozen=True)
class RemoveFinalizer:
    finalizer: str
    because: str


@dataclass(frozen=True)
class CollectDependents:
    """Have the dependents looked at; they find their owner waiting."""

    because: str


Action = (
    Keep
    | DropReferences
    | Delete
    | ReleaseDependents
    | RemoveFinalizer
    | CollectDependents
)


def plan(
    meta: ObjectMeta,
    owners: Mapping[str, OwnerState],
    dependents: Sequence[ObjectMeta],
) -> Action:
    """What to do about an object, given its owners by uid and its dependents."""
    if meta.deletion_timestamp is not None:
        return _finish_deletion(meta, dependents)
    if not meta.owner_references:
        return Keep("it has no owner")
    states = {ref.uid: owners[ref.uid] for ref in meta.owner_references}
    dead = tuple(u for u, state in states.items() if state is not OwnerState.LIVING)
    if len(dead) < len(states):
        if not dead:
            return Keep("its owners live")
        return DropReferences(dead, "another owner lives")
    if OwnerState.WAITING in states.values() and dependents:
        because = "its owner waits for it, and it has dependents itself"
        in_circle = any(_is_in_foreground(other) for other in dependents)
        return Delete("Foreground", in_circle, because)
    return Delete(_policy(meta), False, "all its owners are gone or wait for it")


def blocks(dependent: ObjectMeta, owner_uid: str) -> bool:
    """Whether a foreground deletion of the owner waits for `dependent`."""
    refs = dependent.owner_references
    return any(ref.uid == owner_uid and ref.block_owner_deletion for ref in refs)


def state_of(ref: OwnerReference, found: ObjectMeta | None) -> OwnerState:
    """The state of the owner that `ref` names, `found` being who has its name."""
    if found is None or found.uid != ref.uid:
        return OwnerState.GONE
    return OwnerState.WAITING if _is_in_foreground(found) else OwnerState.LIVING


def _finish_deletion(meta: ObjectMeta, dependents: Sequence[ObjectMeta]) -> Action:
    if ORPHAN in meta.finalizers:
        return ReleaseDependents("it is deleted, and its dependents are to stay")
    if FOREGROUND not in meta.finalizers:
        return Keep("it is being deleted")
    if any(blocks(dependent, meta.uid) for dependent in dependents):
        return CollectDependents("it is deleted, and waits for its dependents")
    return RemoveFinalizer(FOREGROUND, "no dependent blocks its deletion")


def _is_in_foreground(meta: ObjectMeta) -> bool:
    return meta.deletion_timestamp is not None and FOREGROUND in meta.finalizers


def _policy(meta: ObjectMeta) -> str:
    if ORPHAN in meta.finalizers:
        return "Orphan"
    return "Foreground" if FOREGROUND in meta.finalizers else "Background"

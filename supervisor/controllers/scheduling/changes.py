"""What has changed about the cluster, in the words in which filters name what helps.

Rules
- A pod that fits nowhere is tried again only after a change that may help one of the
  filters that objected to it. What makes no node better for anybody is no change: a
  heartbeat, a new condition, a taint that is put on, less room.
- An object that cannot be read counts as every change: trying in vain costs little.

Follows pkg/scheduler/eventhandlers.go and the QueueingHint of each plugin
(pkg/scheduler/framework/types.go, EventsToRegister).
"""

from collections.abc import Iterator
from enum import Enum

import msgspec

from supervisor.client.base import WatchEvent
from supervisor.controllers.reading import typed
from supervisor.kinds import identity
from supervisor.kinds.identity import NODE, POD
from supervisor.model import quantities
from supervisor.model.images import UNREACHABLE_REGISTRIES
from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.placement import amounts


class Change(Enum):
    NODE_CAME = "a node came"
    NODE_LEFT = "a node left"
    NODE_OPENED = "a node is no longer cordoned"
    READINESS = "a node's readiness is another"
    TAINT_LIFTED = "a taint was taken off or replaced"
    NODE_LABELS = "a node's labels changed"
    ROOM = "a node offers more"
    IMAGES = "a node's images, or the registries that answer it, are others"
    POD_CAME = "a pod came to a node, has other labels there, or is being deleted"
    POD_LEFT = "a pod has left its node, or has finished"
    STORAGE = "a claim, a volume or a class is another"
    NAMESPACE = "the labels of namespaces are others"


Changes = frozenset[Change]
NONE: Changes = frozenset()
ALL: Changes = frozenset(Change)

_STORAGE = (
    identity.PERSISTENT_VOLUME_CLAIM.kind,
    identity.PERSISTENT_VOLUME.kind,
    identity.STORAGE_CLASS.kind,
)
_FINISHED = ("Succeeded", "Failed")
_UNREADABLE = (msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError)


def between(before: WatchEvent | None, event: WatchEvent) -> Changes:
    """What an event changes for pods that fit nowhere; `before` is None if unknown."""
    old = None if before is None else before.object
    new = None if event.type == "DELETED" else event.object
    try:
        match event.object.get("kind"):
            case NODE.kind:
                return frozenset(_of_node(old, new))
            case POD.kind:
                return frozenset(_of_pod(old or event.object, new, old is None))
            case identity.NAMESPACE.kind:
                return frozenset(_of_namespace(old, new))
            case kind if kind in _STORAGE:
                return frozenset({Change.STORAGE})
            case _:
                return NONE
    except _UNREADABLE:
        return ALL


def brings_work(before: WatchEvent | None, event: WatchEvent) -> bool:
    """Whether the event is about a pod that waits and has not been seen as it is."""
    obj = event.object
    if obj.get("kind") != POD.kind or event.type == "DELETED" or _node_of(obj):
        return False
    return before is None or _essence(before.object) != _essence(obj)


def _essence(pod: Object) -> object:
    """What of a pod that waits, if changed, may make it fit; a status is no part."""
    meta = pod["metadata"]
    return meta.get("generation"), meta.get("labels"), meta.get("deletionTimestamp")


# -- nodes
def _of_node(old: Object | None, new: Object | None) -> Iterator[Change]:
    if old is None or new is None:
        yield Change.NODE_LEFT if new is None else Change.NODE_CAME
        return
    before, after = typed(Node, old), typed(Node, new)
    if before.spec.unschedulable and not after.spec.unschedulable:
        yield Change.NODE_OPENED
    if _ready(before) != _ready(after):
        yield Change.READINESS
    if _taints(before) - _taints(after):
        yield Change.TAINT_LIFTED
    if (before.metadata.labels or {}) != (after.metadata.labels or {}):
        yield Change.NODE_LABELS
    if _offers_more(before, after):
        yield Change.ROOM
    if _images(before) != _images(after):
        yield Change.IMAGES


def _ready(node: Node) -> str:
    ready = node.status.condition("Ready")
    return ready.status if ready else ""


def _taints(node: Node) -> set[tuple[str, str, str]]:
    return {(t.key, t.value, t.effect) for t in node.spec.taints}


def _offers_more(before: Node, after: Node) -> bool:
    old = before.status.allocatable or before.status.capacity or {}
    new = after.status.allocatable or after.status.capacity or {}
    if old == new:
        return False
    was, offers = amounts.offered(old), amounts.offered(new)
    pods = quantities.whole(old.get("pods", 0)), quantities.whole(new.get("pods", 0))
    # The larger of each differs from what was, if anything is larger.
    return (was | offers) != (was | was) or pods[1] > pods[0]


def _images(node: Node) -> object:
    said = (node.metadata.annotations or {}).get(UNREACHABLE_REGISTRIES, "")
    return said, {name for image in node.status.images for name in image.names}


# -- pods
def _of_pod(old: Object, new: Object | None, is_new: bool) -> Iterator[Change]:
    was_there = bool(_node_of(old)) and not _is_finished(old)
    is_there = new is not None and bool(_node_of(new)) and not _is_finished(new)
    if new is None or not is_there:
        if was_there or (is_new and _node_of(old)):
            yield Change.POD_LEFT
        return
    if is_new or not was_there or _place(old) != _place(new):
        yield Change.POD_CAME


def _node_of(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")


def _is_finished(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in _FINISHED


def _place(pod: Object) -> object:
    """What other pods look at: its labels, and whether it stays."""
    meta = pod["metadata"]
    return meta.get("labels"), bool(meta.get("deletionTimestamp"))


# -- namespaces
def _of_namespace(old: Object | None, new: Object | None) -> Iterator[Change]:
    before = None if old is None else old["metadata"].get("labels") or {}
    after = None if new is None else new["metadata"].get("labels") or {}
    if before != after:
        yield Change.NAMESPACE

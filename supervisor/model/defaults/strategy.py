"""Who may write what: the parts of an object that a request cannot touch.

Rules
- Creating clears what the system sets; a pod begins as Pending.
- Writing an object keeps its status; writing the status keeps the rest of the object.
- `metadata.generation` is 1 at first and grows by one whenever spec changes.

Follows the strategies of pkg/registry/core and apiserver/pkg/registry/rest.
"""

from copy import deepcopy

from supervisor.model.defaults.nulls import drop_nulls
from supervisor.model.defaults.qos import qos_class
from supervisor.model.engine import ENGINES, FINALIZER
from supervisor.model.equality import same
from supervisor.model.meta import Object

_WITH_GENERATION = {"pods", "replicationcontrollers", ENGINES}
#: Users do not write the status of these.
_WITH_STATUS = {"pods", "replicationcontrollers", "namespaces", "nodes", ENGINES}
#: A node is created together with its first status, by the agent that it stands for.
_STATUS_AT_CREATION = {"nodes"}

_SET_AT_DELETION = ("deletionTimestamp", "deletionGracePeriodSeconds")
_SET_AT_CREATION = ("uid", "creationTimestamp")
_NAMESPACE_FINALIZER = "kubernetes"


def prepare_create(resource: str, obj: Object) -> None:
    """Clear what only the system sets, and set what it sets first."""
    meta = obj.setdefault("metadata", {})
    for field in (*_SET_AT_DELETION, "generation", "selfLink"):
        meta.pop(field, None)
    if resource in _WITH_GENERATION:
        meta["generation"] = 1
    if resource in _WITH_STATUS - _STATUS_AT_CREATION:
        obj["status"] = {}
    if resource == "pods":
        spec = obj.get("spec") or {}
        obj["status"] = {"phase": "Pending", "qosClass": qos_class(spec)}
    if resource == ENGINES and FINALIZER not in meta.setdefault("finalizers", []):
        meta["finalizers"].append(FINALIZER)
    if resource == "namespaces":
        obj["status"] = {"phase": "Active"}
        finalizers = obj.setdefault("spec", {}).setdefault("finalizers", [])
        if _NAMESPACE_FINALIZER not in finalizers:
            finalizers.append(_NAMESPACE_FINALIZER)


def prepare_update(resource: str, new: Object, old: Object) -> None:
    """Keep of `old` what a write of the object cannot change."""
    _keep_metadata(new, old)
    if resource in _WITH_STATUS:
        _keep(new, old, "status")
    if resource == "namespaces":
        # Finalizers of a namespace have a subresource of their own.
        finalizers = (old.get("spec") or {}).get("finalizers") or []
        new.setdefault("spec", {})["finalizers"] = list(finalizers)
    changed = not same(new.get("spec"), old.get("spec"))
    if resource in _WITH_GENERATION and changed:
        meta = new["metadata"]
        meta["generation"] = int(meta.get("generation") or 0) + 1


def prepare_status_update(resource: str, new: Object, old: Object) -> None:
    """Keep of `old` all but its status; labels and annotations may change too."""
    drop_nulls(new)
    _keep_metadata(new, old)
    for part in {*old, *new} - {"status", "metadata", "kind", "apiVersion"}:
        _keep(new, old, part)
    if resource == "pods":
        # Agents report what they see; whose the pod is, is not theirs to say.
        _keep(new["metadata"], old["metadata"], "ownerReferences")
        quality = (old.get("status") or {}).get("qosClass")
        if quality:
            new.setdefault("status", {}).setdefault("qosClass", quality)


def _keep_metadata(new: Object, old: Object) -> None:
    """What the system has set stays; validation refuses another name or uid."""
    mine, theirs = new.setdefault("metadata", {}), old.get("metadata") or {}
    for field in (*_SET_AT_DELETION, "generation", "creationTimestamp"):
        _keep(mine, theirs, field)
    for field in _SET_AT_CREATION:
        if field in theirs and not mine.get(field):
            mine[field] = theirs[field]
    mine.pop("selfLink", None)


def _keep(new: Object, old: Object, field: str) -> None:
    if field in old:
        new[field] = deepcopy(old[field])
    else:
        new.pop(field, None)

"""The fields by which objects can be selected, and what an object holds there.

Follows pkg/apis/core/v1/conversion.go and the `ToSelectableFields` of pkg/registry.
"""

from supervisor.model.meta import Object
from supervisor.model.selectors import FieldValue

OWNER_UID = "metadata.ownerReferences.uid"
NODE_NAME = "spec.nodeName"

# Differs from Kubernetes: every resource can be selected by the uid of an owner.
_EVERYWHERE = frozenset({"metadata.name", "metadata.namespace", OWNER_UID})

_PARTS_OF_INVOLVED_OBJECT = (
    "kind",
    "namespace",
    "name",
    "uid",
    "apiVersion",
    "resourceVersion",
    "fieldPath",
)

_OF_RESOURCE = {
    "pods": {
        NODE_NAME,
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    },
    "events": {f"involvedObject.{part}" for part in _PARTS_OF_INVOLVED_OBJECT}
    | {"reason", "type", "source", "reportingComponent"},
    "nodes": {"spec.unschedulable"},
    "replicationcontrollers": {"status.replicas"},
    "namespaces": {"status.phase"},
    "secrets": {"type"},
}

#: What an absent field counts as, where that is not the empty text.
_ABSENT = {
    "spec.hostNetwork": "false",
    "spec.unschedulable": "false",
    "status.replicas": "0",
}


def allowed(resource: str) -> frozenset[str]:
    """The paths that a field selector over `resource` may name."""
    return _EVERYWHERE | _OF_RESOURCE.get(resource, set())


def value(resource: str, obj: Object, path: str) -> FieldValue:
    """What `obj` holds at `path`; the uids of its owners are several."""
    if path == OWNER_UID:
        owners = (obj.get("metadata") or {}).get("ownerReferences")
        found = owners if isinstance(owners, list) else []
        return tuple(str(o.get("uid", "")) for o in found if isinstance(o, dict))
    if resource == "events" and path == "source":
        component = _text(obj, "source.component")
        return component or _text(obj, "reportingComponent")
    return _text(obj, path) or _ABSENT.get(path, "")


def _text(obj: Object, path: str) -> str:
    found: object = obj
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)

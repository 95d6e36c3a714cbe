"""Fields supported by field selectors, and their values.

Follows the `ToSelectableFields` of pkg/registry and pkg/apis/core/v1/conversion.go.
"""

from supervisor.kinds.base import Kind
from supervisor.model.meta import Object
from supervisor.model.selectors import FieldValue

OWNER_UID = "metadata.ownerReferences.uid"
NODE_NAME = "spec.nodeName"

# Differs from Kubernetes: all kinds support selection by the uid of an owner.
_EVERYWHERE = frozenset({"metadata.name", "metadata.namespace", OWNER_UID})


def allowed(kind: Kind) -> frozenset[str]:
    """The fields that a field selector for `kind` may contain."""
    return _EVERYWHERE | kind.fields.paths


def value(kind: Kind, obj: Object, path: str) -> FieldValue:
    """The value of `obj` at `path`; a tuple for the uids of its owners."""
    if path == OWNER_UID:
        owners = (obj.get("metadata") or {}).get("ownerReferences")
        found = owners if isinstance(owners, list) else []
        return tuple(str(o.get("uid", "")) for o in found if isinstance(o, dict))
    special = kind.fields.value(obj, path)
    if special is not None:
        return special
    return text(obj, path) or kind.fields.absent.get(path, "")


def text(obj: Object, path: str) -> str:
    """The value at a dotted path as a string; empty if absent."""
    found: object = obj
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)

"""Recreating the objects of running pods that the store has lost.

Rules
- uid, name, namespace and creationTimestamp are kept, so that the agent reuses the
  running containers. An annotation marks the pod as adopted.
- References to owners that no longer exist are dropped: the garbage collector would
  delete the pod because of them. A recreated controller adopts the pod by its labels.
"""

from collections.abc import Callable, Mapping

from supervisor.model.lineage import ADOPTED
from supervisor.model.meta import Object

_KEPT = ("uid", "creationTimestamp")
_DROPPED = ("deletionTimestamp", "deletionGracePeriodSeconds", "finalizers")
OwnerExists = Callable[[Mapping[str, str]], bool]


def kept_metadata(pod: Object) -> Object:
    """The metadata that creation would otherwise replace."""
    return {key: pod["metadata"][key] for key in _KEPT if key in pod["metadata"]}


def prepare(
    manifest: Object, *, node: str, images: Mapping[str, str], has_owner: OwnerExists
) -> Object:
    """The pod of `manifest`, bound to `node`, with `images` by container name."""
    meta = {k: v for k, v in manifest["metadata"].items() if k not in _DROPPED}
    meta["annotations"] = {**(meta.get("annotations") or {}), ADOPTED: "true"}
    owners = [ref for ref in meta.pop("ownerReferences", ()) if has_owner(ref)]
    if owners:
        meta["ownerReferences"] = owners
    spec = dict(manifest["spec"]) | {"nodeName": node}
    for row in ("initContainers", "containers"):
        if row in spec:
            spec[row] = [
                each | {"image": images.get(each["name"], each.get("image"))}
                for each in spec[row]
            ]
    return manifest | {"metadata": meta, "spec": spec}

"""Pods that the store has lost and that still run, created again as what they were.

Rules
- uid, name, namespace and creationTimestamp stay, so that the agent takes up the
  containers as they run. An annotation says that the pod was adopted.
- An owner that is not there any more is left out: the garbage collector would delete
  the pod for it. A controller that is created again adopts the pod by its labels.
"""

from collections.abc import Callable, Mapping

from supervisor.model.lineage import ADOPTED
from supervisor.model.meta import Object

_KEPT = ("uid", "creationTimestamp")
_LEFT_OUT = ("deletionTimestamp", "deletionGracePeriodSeconds", "finalizers")
OwnerExists = Callable[[Mapping[str, str]], bool]


def kept_metadata(pod: Object) -> Object:
    """What creation would make anew."""
    return {key: pod["metadata"][key] for key in _KEPT if key in pod["metadata"]}


def prepared(
    manifest: Object, *, node: str, images: Mapping[str, str], has_owner: OwnerExists
) -> Object:
    """The pod of `manifest` as it runs on `node` now, with the `images` there."""
    meta = {k: v for k, v in manifest["metadata"].items() if k not in _LEFT_OUT}
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

"""Remember which containers were *told* to pull always, before defaults say the same.

`imagePullPolicy: Always` also follows from a tag `latest`. Where no registry answers,
such an implied policy may use the image that is here; one that its user has written
down may not. The difference is lost with the defaults, so it is kept in an annotation.

Differs from Kubernetes: there both mean the same, and pods of local images do not run.
"""

from collections.abc import Iterator

from supervisor.model.meta import Object

STRICT_PULL = "supervisor.io/strict-pull"
"""On pods: names of containers, by commas; or `true` for all of them."""


def mark_strict_pod(pod: Object) -> None:
    """Annotate what `pod`, as its user wrote it and about to be created, asks for.

    Pods that a controller makes have their annotation from its template.
    """
    if not _has_controller(pod):
        _mark(pod)


def mark_strict_template(owner: Object) -> None:
    """Annotate the pod template of `owner`, which is about to be created.

    An owner that has an owner itself was made from its template, with its defaults.
    """
    template = (owner.get("spec") or {}).get("template")
    if isinstance(template, dict) and not _has_owner(owner):
        _mark(template)


def keep_strict(new: Object, old: Object) -> None:
    """Keep the annotation of the template `old` in `new`, which leaves it out.

    Users do not write it. Without it, the template would count as changed.
    """
    before = (old.get("metadata") or {}).get("annotations") or {}
    meta = new.setdefault("metadata", {})
    if STRICT_PULL in before and STRICT_PULL not in (meta.get("annotations") or {}):
        kept = {STRICT_PULL: before[STRICT_PULL]}
        meta["annotations"] = (meta.get("annotations") or {}) | kept


def _mark(pod: Object) -> None:
    names = [
        c["name"] for c in _containers(pod) if c.get("imagePullPolicy") == "Always"
    ]
    meta = pod.setdefault("metadata", {})
    annotations = meta.get("annotations") or {}
    if names and STRICT_PULL not in annotations:
        meta["annotations"] = annotations | {STRICT_PULL: ",".join(names)}


def _containers(pod: Object) -> Iterator[Object]:
    """Those whose policy could have been implied: with a floating tag, and a name."""
    spec = pod.get("spec") or {}
    for container in (
        *(spec.get("initContainers") or ()),
        *(spec.get("containers") or ()),
    ):
        tag = str(container.get("image") or "").rpartition("/")[2].partition(":")[2]
        if container.get("name") and tag in ("", "latest"):
            yield container


def _has_controller(obj: Object) -> bool:
    owners = (obj.get("metadata") or {}).get("ownerReferences") or ()
    return any(owner.get("controller") for owner in owners)


def _has_owner(obj: Object) -> bool:
    return bool((obj.get("metadata") or {}).get("ownerReferences"))

"""Names, labels and volumes that tie a pod to its ordinal and its claims. Pure.

Follows pkg/controller/statefulset/stateful_set_utils.go.
"""

import re
from copy import deepcopy

from supervisor.controllers.workloads.history import HASH_LABEL
from supervisor.kinds.identity import PERSISTENT_VOLUME_CLAIM, POD
from supervisor.model.meta import Object, controller_reference

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
_NAME = re.compile(r"(.*)-([0-9]+)")


def ordinal_of(set_name: str, pod_name: str) -> int | None:
    """The ordinal in a pod's name; None if it is not a name of the set's pods."""
    found = _NAME.fullmatch(pod_name)
    if found is None or found[1] != set_name or str(int(found[2])) != found[2]:
        return None
    return int(found[2])


def labels_of(pod_name: str) -> dict[str, str]:
    """Labels of the identity."""
    return {POD_NAME: pod_name, POD_INDEX: pod_name.rpartition("-")[2]}


def pod_of(owner: Object, template: Object, ordinal: int, revision: str) -> Object:
    """The pod with this ordinal, from the template of `revision`."""
    name = f"{owner['metadata']['name']}-{ordinal}"
    given = template.get("metadata") or {}
    meta = {
        key: deepcopy(given[key])
        for key in ("annotations", "finalizers")
        if given.get(key)
    }
    labels = given.get("labels") or {}
    meta |= {
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "labels": labels | labels_of(name) | {HASH_LABEL: revision},
        "ownerReferences": [controller_reference(owner)],
    }
    spec = deepcopy(template.get("spec") or {})
    spec["hostname"] = name
    spec["subdomain"] = owner["spec"].get("serviceName") or ""
    spec["volumes"] = _volumes(owner, spec, name)
    return {**POD.head, "metadata": meta, "spec": spec}


def _volumes(owner: Object, spec: Object, pod_name: str) -> list[Object]:
    """The volumes of the pod; a claim template replaces a volume of its name."""
    claims = {
        template: {"name": template, "persistentVolumeClaim": {"claimName": name}}
        for template, name in claim_names(owner, pod_name).items()
    }
    others = [v for v in spec.get("volumes") or () if v.get("name") not in claims]
    return [*claims.values(), *others]


def claim_names(owner: Object, pod_name: str) -> dict[str, str]:
    """The names of a pod's claims, by the names of their templates."""
    templates = owner["spec"].get("volumeClaimTemplates") or ()
    names = [str(t["metadata"]["name"]) for t in templates]
    return {name: f"{name}-{pod_name}" for name in names}


def claims_of(owner: Object, pod_name: str) -> list[Object]:
    """The claims of a pod, as they are created."""
    made = []
    selector = (owner["spec"].get("selector") or {}).get("matchLabels") or {}
    for template in owner["spec"].get("volumeClaimTemplates") or ():
        given = template["metadata"]
        meta: Object = {
            "name": f"{given['name']}-{pod_name}",
            "namespace": owner["metadata"]["namespace"],
            "labels": (given.get("labels") or {}) | selector,
        }
        if given.get("annotations"):
            meta["annotations"] = dict(given["annotations"])
        spec = deepcopy(template.get("spec") or {})
        made.append({**PERSISTENT_VOLUME_CLAIM.head, "metadata": meta, "spec": spec})
    return made

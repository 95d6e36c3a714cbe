"""On which nodes a DaemonSet's pod should run, and may go on running. Pure.

Follows NodeShouldRunDaemonPod of pkg/controller/daemon/daemon_controller.go and
AddOrUpdateDaemonPodTolerations of pkg/controller/daemon/util/daemonset_util.go.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from supervisor.model.kinds import Node
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from supervisor.model.taints import (
    NO_EXECUTE,
    NO_SCHEDULE,
    NOT_READY,
    UNREACHABLE,
    UNSCHEDULABLE,
)
from supervisor.placement.node_selection import selects
from supervisor.placement.tolerations import untolerated

_DISK, _MEMORY, _PROCESSES = (
    f"node.kubernetes.io/{name}-pressure" for name in ("disk", "memory", "pid")
)
_NETWORK = "node.kubernetes.io/network-unavailable"
_TOLERATED = (
    (NOT_READY, NO_EXECUTE),
    (UNREACHABLE, NO_EXECUTE),
    (_DISK, NO_SCHEDULE),
    (_MEMORY, NO_SCHEDULE),
    (_PROCESSES, NO_SCHEDULE),
    (UNSCHEDULABLE, NO_SCHEDULE),
)


def prepare(pod: Object) -> None:
    """Have a pod tolerate what must not keep a daemon from its node, in place."""
    spec = pod["spec"]
    wanted = [*_TOLERATED]
    if spec.get("hostNetwork"):
        wanted.append((_NETWORK, NO_SCHEDULE))
    kept = list(spec.get("tolerations") or [])
    for key, effect in wanted:
        toleration = {"key": key, "operator": "Exists", "effect": effect}
        if toleration not in kept:
            kept.append(toleration)
    spec["tolerations"] = kept


def bind_to(pod: Object, node: str) -> None:
    """Have the scheduler put the pod on that node and no other, in place."""
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    spec: dict[str, Any] = pod["spec"]
    affinity = spec["affinity"] = deepcopy(spec.get("affinity") or {})
    of_nodes = affinity.setdefault("nodeAffinity", {})
    name = "requiredDuringSchedulingIgnoredDuringExecution"
    terms = (of_nodes.get(name) or {}).get("nodeSelectorTerms") or [{}]
    of_nodes[name] = {
        "nodeSelectorTerms": [term | {"matchFields": [field]} for term in terms]
    }


def node_of(pod: Pod) -> str:
    """The node that a pod is on, or is made for; empty if it has none."""
    if pod.spec.node_name:
        return pod.spec.node_name
    affinity = pod.spec.affinity
    of_nodes = affinity.node_affinity if affinity is not None else None
    required = of_nodes.required if of_nodes is not None else None
    for term in required.node_selector_terms if required is not None else ():
        for field in term.match_fields:
            if field.key == "metadata.name" and len(field.values) == 1:
                return field.values[0]
    return ""


def sample(template_pod: Object) -> Pod:
    """The pod of the template as a value, to be compared with nodes."""
    prepared = deepcopy(template_pod)
    prepare(prepared)
    prepared["metadata"].setdefault("name", "sample")
    return decode(Pod, prepared)


def fitting(pod: Pod, nodes: Iterable[Node]) -> dict[str, bool]:
    """The nodes that the pod may stay on, by name; True where one should be started."""
    found = {}
    for node in nodes:
        meta = node.metadata
        labels = meta.labels or {}
        is_meant = pod.spec.node_name in ("", meta.name)
        if not is_meant or not selects(pod, meta.name, labels):
            continue
        if untolerated(pod, node, {NO_EXECUTE}) is not None:
            continue
        found[meta.name] = untolerated(pod, node, {NO_SCHEDULE}) is None
    return found

"""What the scheduler makes of a pod, as plain data."""

from collections.abc import Iterable, Sequence
from typing import Any

from supervisor.controllers.scheduling.base import Reasons
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.filters import objections
from supervisor.controllers.scheduling.placing import Bind, plan
from supervisor.controllers.scheduling.pod_info import pod_info
from supervisor.controllers.scheduling.terms import Namespaces
from supervisor.model.kinds import Node
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from tests.unit.controllers.build import node_object

HOST = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def node(
    name: str,
    *,
    zone: str = "",
    labels: dict[str, str] | None = None,
    images: dict[str, int] | None = None,
    silent: str = "",
    more: dict[str, str] | None = None,
    **what: Any,
) -> Node:
    """A node with its usual labels; `images` are sizes, `more` is offered, by name."""
    labels = {HOST: name, **({ZONE: zone} if zone else {}), **(labels or {})}
    found = node_object(name, labels=labels, **what)
    found["status"]["images"] = [
        {"names": [image], "sizeBytes": size} for image, size in (images or {}).items()
    ]
    found["status"]["allocatable"] |= more or {}
    if silent:
        found["metadata"]["annotations"] = {"supervisor.io/silent-registries": silent}
    return decode(Node, found)


def judged(
    pod: Pod,
    nodes: Iterable[Node],
    pods: Iterable[Pod] = (),
    namespaces: Namespaces | None = None,
) -> dict[str, Reasons]:
    """The reasons against each node that the pod cannot have."""
    cluster = Cluster(nodes, pods, namespaces or {})
    found = objections(pod_info(pod, cluster.namespaces), cluster)
    judged = zip(cluster.nodes, found, strict=True)
    return {node.name: reasons for node, reasons in judged if reasons}


def fitting(pod: Pod, nodes: Sequence[Node], pods: Iterable[Pod] = ()) -> list[str]:
    """The names of the nodes that the pod can have."""
    against = judged(pod, nodes, pods)
    return [n.metadata.name for n in nodes if n.metadata.name not in against]


def placed(
    waiting: Sequence[Pod], nodes: Sequence[Node], pods: Iterable[Pod] = ()
) -> dict[str, str]:
    """The node of each pod, or why it has none."""
    return {
        action.name: action.node if isinstance(action, Bind) else action.because
        for action in plan(waiting, nodes, pods)
    }


def labels(**wanted: str) -> Object:
    """A label selector."""
    return {"matchLabels": wanted}


def near(selector: Object | None, key: str = HOST, **more: Any) -> Object:
    """Required affinity to pods."""
    term = {"labelSelector": selector, "topologyKey": key} | more
    return {"podAffinity": {REQUIRED: [term]}}


def far(selector: Object | None, key: str = HOST, **more: Any) -> Object:
    """Required anti-affinity to pods."""
    term = {"labelSelector": selector, "topologyKey": key} | more
    return {"podAntiAffinity": {REQUIRED: [term]}}


def spread(
    key: str, *, way: str = "DoNotSchedule", skew: int = 1, **more: Any
) -> Object:
    """A topology spread constraint over the pods of `kubia`."""
    return {
        "maxSkew": skew,
        "topologyKey": key,
        "whenUnsatisfiable": way,
        "labelSelector": labels(app="kubia"),
    } | more

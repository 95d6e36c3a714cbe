"""Place the pods that wait: which goes where, and why the others go nowhere. Pure.

Rules
- All waiting pods are placed in one pass over one reading of the present, the highest
  priority first and then the oldest, each seeing what the ones before it took. So a
  burst is spread evenly, and no node is ever overcommitted.
- Differs from Kubernetes: no pod is removed to make room for one of higher priority.
- Reasons are counted over all nodes: each node has its own, and none is left out.

Follows pkg/scheduler/schedule_one.go and pkg/scheduler/framework/types.go (FitError).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supervisor.controllers.scheduling import filters, scores
from supervisor.controllers.scheduling.base import Reasons
from supervisor.controllers.scheduling.changes import Change, Changes
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.pod_info import pod_info
from supervisor.controllers.scheduling.storage import Storage
from supervisor.controllers.scheduling.terms import Namespaces
from supervisor.controllers.scheduling.volumes import to_choose
from supervisor.model.kinds import Node
from supervisor.model.pod import Pod

_NO_NAMESPACES: Namespaces = {}
_NEW_NODE: Changes = frozenset({Change.NODE_CAME})


@dataclass(frozen=True)
class Bind:
    uid: str
    namespace: str
    name: str
    node: str
    because: str


@dataclass(frozen=True)
class Refuse:
    """Nothing fits: say so on the pod."""

    uid: str
    namespace: str
    name: str
    because: str
    helps: Changes
    """The changes after which another try makes sense."""


@dataclass(frozen=True)
class ChooseNode:
    """Write the node into claims; the pod gets its node after they have volumes."""

    uid: str
    namespace: str
    name: str
    node: str
    claims: tuple[str, ...]
    because: str


Plan = tuple[Bind | ChooseNode | Refuse, ...]


def plan(
    waiting: Sequence[Pod],
    nodes: Sequence[Node],
    pods: Iterable[Pod],
    namespaces: Namespaces = _NO_NAMESPACES,
    storage: Storage = Storage(),
) -> Plan:
    """Where each of `waiting` goes, with `pods` on the nodes already."""
    cluster = Cluster(nodes, pods, namespaces, storage)
    return tuple(_place(pod, cluster) for pod in sorted(waiting, key=_rank))


def _rank(pod: Pod) -> tuple[int, str, str, str]:
    """Follows pkg/scheduler/framework/plugins/queuesort/priority_sort.go."""
    meta = pod.metadata
    born = meta.creation_timestamp or ""
    return (-pod.spec.priority, born, meta.namespace, meta.name)


def _place(pod: Pod, cluster: Cluster) -> Bind | ChooseNode | Refuse:
    """Choose, and take the room on the chosen node."""
    info, meta = pod_info(pod, cluster.namespaces), pod.metadata
    objections = filters.judge(info, cluster)
    judged = zip(cluster.nodes, objections, strict=True)
    fitting = [node for node, objection in judged if not objection.reasons]
    if not fitting:
        because = _explain([objection.reasons for objection in objections])
        helps = _NEW_NODE.union(*(objection.helps for objection in objections))
        return Refuse(meta.uid, meta.namespace, meta.name, because, helps)
    node = scores.best(info, cluster, fitting)
    cluster.take(info, node)
    because = f"best of {len(fitting)} that fit"
    if claims := to_choose(pod, cluster.storage):
        return ChooseNode(
            meta.uid, meta.namespace, meta.name, node.name, claims, because
        )
    return Bind(meta.uid, meta.namespace, meta.name, node.name, because)


def _explain(objections: Sequence[Reasons]) -> str:
    """`0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were …`."""
    if not objections:
        return "no nodes available to schedule pods"
    counted = Counter(reason for reasons in objections for reason in reasons)
    texts = sorted(f"{count} {reason}" for reason, count in counted.items())
    return f"0/{len(objections)} nodes are available: {', '.join(texts)}."

"""What speaks against a pod on its own node, however it came to be bound. Pure.

Rules
- The first objection counts: operating system, groups policy, sysctls, then room,
  affinity, node name, host ports, and NoExecute taints.
- Extended resources that the node does not name are not counted: they may be the
  cluster's.
- Reasons and messages are upstream's.

Follows pkg/kubelet/lifecycle/predicate.go and pkg/scheduler/eventhandlers.go
(AdmissionCheck).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from supervisor.agent.pods.admission.sysctls import forbidden_sysctl
from supervisor.model.kinds import Node
from supervisor.model.pod import Pod
from supervisor.model.quantities import whole
from supervisor.model.taints import NO_EXECUTE
from supervisor.placement.amounts import Amounts, offered, requests
from supervisor.placement.host_ports import host_ports
from supervisor.placement.node_selection import NOT_SELECTED, selects
from supervisor.placement.room import Room, Shortage
from supervisor.placement.tolerations import untolerated

_OS_LABEL = "kubernetes.io/os"


@dataclass(frozen=True)
class Rejection:
    """Becomes reason and message of the pod's status, and an event."""

    reason: str
    message: str


def objection(pod: Pod, node: Node, others: Iterable[Pod], os: str) -> Rejection | None:
    """Why `node` cannot take `pod` beside `others`; None when it can.

    `others` are the pods that it has taken and that have not ended, `os` is its
    operating system.
    """
    rows = list(others)
    checks = (*_foreign(pod, os), *_general(pod, node, rows))
    return next(iter(checks), None)


def _foreign(pod: Pod, os: str) -> Iterator[Rejection]:
    """What no other moment would change."""
    if (pod.metadata.labels or {}).get(_OS_LABEL, os) != os:
        yield Rejection(
            "PodOSSelectorNodeLabelDoesNotMatch",
            f"Failed to admit pod as the `{_OS_LABEL}` label doesn't match node label",
        )
    if pod.spec.os is not None and pod.spec.os.name != os:
        text = "Failed to admit pod as the OS field doesn't match node OS"
        yield Rejection("PodOSNotSupported", text)
    secure = pod.spec.security_context
    if secure is not None and secure.supplemental_groups_policy == "Strict":
        # The engine always adds the groups that the image gives a user.
        text = "SupplementalGroupsPolicy=Strict is not supported in this node"
        yield Rejection("SupplementalGroupsPolicyNotSupported", text)
    if (why := forbidden_sysctl(pod)) is not None:
        yield Rejection("SysctlForbidden", f"forbidden sysctl: {why}")


def _general(pod: Pod, node: Node, others: list[Pod]) -> Iterator[Rejection]:
    given = node.status.allocatable or {}
    room = Room(offered(given), _sum(others), whole(given.get("pods", 0)), len(others))
    for shortage in room.shortages(_counted(requests(pod), room.offered)):
        yield _out_of(shortage)
    name, labels = node.metadata.name, node.metadata.labels or {}
    if not selects(pod, name, labels):
        yield _predicate("NodeAffinity", NOT_SELECTED)
    if pod.spec.node_name not in ("", name):
        text = "node(s) didn't match the requested node name"
        yield _predicate("NodeName", text)
    wanted, held = host_ports(pod), [p for o in others for p in host_ports(o)]
    if any(port.clashes(other) for port in wanted for other in held):
        text = "node(s) didn't have free ports for the requested pod ports"
        yield _predicate("NodePorts", text)
    if untolerated(pod, node, (NO_EXECUTE,)) is not None:
        text = "node(s) had taints that the pod didn't tolerate"
        yield _predicate("TaintToleration", text)


def _sum(pods: Iterable[Pod]) -> Amounts:
    total = Amounts()
    for pod in pods:
        total += requests(pod)
    return total


def _counted(wanted: Amounts, has: Amounts) -> Amounts:
    others = {
        name: amount
        for name, amount in wanted.others.items()
        if name in has.others or not _is_extended(name)
    }
    return replace(wanted, others=others)


def _is_extended(resource: str) -> bool:
    return "/" in resource and "kubernetes.io/" not in resource


def _out_of(shortage: Shortage) -> Rejection:
    return Rejection(
        f"OutOf{shortage.resource}",
        f"Node didn't have enough resource: {shortage.resource}, "
        f"requested: {shortage.requested}, used: {shortage.used}, "
        f"capacity: {shortage.capacity}",
    )


def _predicate(name: str, text: str) -> Rejection:
    return Rejection(name, f"Predicate {name} failed: {text}")

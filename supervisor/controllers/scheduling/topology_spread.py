"""Pods spread over nodes and zones.

Rules
- Constraints with DoNotSchedule object, those with ScheduleAnyway make nodes worse.
- A pod without constraints is kept apart from the other pods of its controller: first
  over the nodes, and among equal nodes over their zones.
- Pods that are being deleted are not counted.

Differs from Kubernetes: its own defaults tolerate some skew for the sake of room. Here
every difference counts, so the pods of one controller are spread exactly evenly over
the nodes that fit them and that they have no other preference among.

Follows pkg/scheduler/framework/plugins/podtopologyspread.
"""

import math
from collections.abc import Mapping, Sequence

from supervisor.controllers.scheduling import taints
from supervisor.controllers.scheduling.base import BEST, FITS, Check, Reasons
from supervisor.controllers.scheduling.cluster import Cluster, Counts, Question
from supervisor.controllers.scheduling.node_affinity import is_chosen
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.controllers.scheduling.terms import own_namespace
from supervisor.model.affinity import (
    DO_NOT_SCHEDULE,
    SCHEDULE_ANYWAY,
    TopologySpreadConstraint,
)

ZONE = "topology.kubernetes.io/zone"
_TOO_UNEVEN = ("node(s) didn't match pod topology spread constraints",)
_NO_LABEL = (f"{_TOO_UNEVEN[0]} (missing required label)",)
_OWN_SKEW = 2
"""Waters differences down, so that stronger wishes can outweigh them."""

_Constraints = Sequence[TopologySpreadConstraint]


# -- filter


def topology_spread(info: PodInfo, cluster: Cluster) -> Check | None:
    """No domain has by more than `maxSkew` more pods than the one with the fewest."""
    constraints = _constraints(info, DO_NOT_SCHEDULE)
    if not constraints:
        return None
    rows = [
        (c, domains, _least(c, domains) + c.max_skew - _itself(info, c))
        for c in constraints
        for domains in (_domains(info, c, cluster, constraints),)
    ]

    def check(node: NodeInfo) -> Reasons:
        for constraint, domains, most in rows:
            domain = node.labels.get(constraint.topology_key)
            if domain is None:
                return _NO_LABEL
            if domains.get(domain, 0) > most:
                return _TOO_UNEVEN
        return FITS

    return check


def _least(constraint: TopologySpreadConstraint, domains: Counts) -> int:
    """The fewest pods in a domain; none as long as there are too few domains."""
    if len(domains) < (constraint.min_domains or 1):
        return 0
    return min(domains.values())


def _itself(info: PodInfo, constraint: TopologySpreadConstraint) -> int:
    """What the pod itself will add to a count."""
    match = own_namespace(info.pod, constraint.label_selector)
    return 1 if match.matches(info.pod) else 0


# -- scores


def prefer_spread(
    info: PodInfo, cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best where the fewest of the pods are that this one is to be apart from."""
    if not info.pod.spec.topology_spread_constraints:
        return _from_siblings(info, cluster, nodes)
    constraints = _constraints(info, SCHEDULE_ANYWAY)
    if not constraints:
        return None
    crowds: list[float | None] = []
    counted = [
        (c, _domains(info, c, cluster, constraints), _weight(c, constraints, nodes))
        for c in constraints
    ]
    for node in nodes:
        crowds.append(
            sum(
                domains.get(node.labels[c.topology_key], 0) * weight + c.max_skew - 1
                for c, domains, weight in counted
            )
            if _has_labels(node, constraints)
            else None
        )
    return _fewest(crowds)


def _weight(
    constraint: TopologySpreadConstraint,
    constraints: _Constraints,
    nodes: Sequence[NodeInfo],
) -> float:
    """Few large domains weigh less than many small ones."""
    labelled = (n for n in nodes if _has_labels(n, constraints))
    return math.log(len({n.labels[constraint.topology_key] for n in labelled}) + 2)


def _from_siblings(
    info: PodInfo, cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    owner = info.owner
    if not owner:
        return None
    by_node = {n.name: n.owners[owner] for n in cluster.nodes if n.owners[owner]}
    if not by_node:
        return None
    zones, everywhere = cluster.by_domain(by_node, ZONE), sum(by_node.values())
    return _fewest(
        [
            by_node.get(node.name, 0)
            + zones.get(node.labels.get(ZONE, ""), 0) / (everywhere + 1)
            + _OWN_SKEW
            for node in nodes
        ]
    )


def _fewest(crowds: Sequence[float | None]) -> Sequence[float] | None:
    """Scores that fall with the size of the crowd; None is as bad as can be."""
    known = [crowd for crowd in crowds if crowd is not None]
    if not known:
        return None
    least, most = min(known), max(known)
    if most == 0:
        return [0.0 if crowd is None else BEST for crowd in crowds]
    return [
        0.0 if crowd is None else BEST * (most + least - crowd) / most
        for crowd in crowds
    ]


# -- counting


def _constraints(info: PodInfo, way: str) -> _Constraints:
    given = info.pod.spec.topology_spread_constraints
    return [c for c in given if c.when_unsatisfiable == way]


def _domains(
    info: PodInfo,
    constraint: TopologySpreadConstraint,
    cluster: Cluster,
    constraints: _Constraints,
) -> Mapping[str, int]:
    """How many pods there are in each domain that counts, empty ones included."""
    match = own_namespace(info.pod, constraint.label_selector)
    by_node = cluster.count(Question((match,), leaving=False))
    found: dict[str, int] = {}
    for node in cluster.nodes:
        if _has_labels(node, constraints) and _counts(info, constraint, node):
            domain = node.labels[constraint.topology_key]
            found[domain] = found.get(domain, 0) + by_node.get(node.name, 0)
    return found


def _has_labels(node: NodeInfo, constraints: _Constraints) -> bool:
    return all(c.topology_key in node.labels for c in constraints)


def _counts(
    info: PodInfo, constraint: TopologySpreadConstraint, node: NodeInfo
) -> bool:
    """Whether the node is one of those that the pods are to be spread over."""
    if constraint.node_affinity_policy == "Honor" and not is_chosen(info.pod, node):
        return False
    if constraint.node_taints_policy == "Ignore":
        return True
    return not taints.is_kept_away(info.pod, node.node)

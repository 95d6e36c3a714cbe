"""Pods near to and far from other pods, by the labels of their nodes.

Rules
- Anti-affinity binds both: a pod is also kept from nodes whose pods want it far away.
- All required affinity terms must be met by the same pods. A pod that meets its own
  terms is let in as the first of its kind.
- Wishes count both ways too: those of the new pod, and those of the pods that are
  there.

Follows pkg/scheduler/framework/plugins/interpodaffinity.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from supervisor.controllers.scheduling.base import BEST, FITS, Check, Reasons
from supervisor.controllers.scheduling.cluster import Cluster, Counts, Question
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.controllers.scheduling.terms import Term

_Pair = tuple[str, str]
"""A label of nodes and one of its values: a domain."""

_NOT_NEAR = ("node(s) didn't match pod affinity rules",)
_NOT_FAR = ("node(s) didn't match pod anti-affinity rules",)
_NOT_WELCOME = ("node(s) didn't satisfy existing pods anti-affinity rules",)


# -- filters


def near(info: PodInfo, cluster: Cluster) -> Check | None:
    """The domain of the node has a pod that the required terms mean."""
    terms = info.terms.near
    if not terms:
        return None
    counts = cluster.count(Question(tuple(term.match for term in terms)))
    met = set(_pairs(terms, counts, cluster))
    is_first = not met and all(term.match.matches(info.pod) for term in terms)

    def check(node: NodeInfo) -> Reasons:
        for key in (term.topology_key for term in terms):
            domain = node.labels.get(key)
            if domain is None or not (is_first or (key, domain) in met):
                return _NOT_NEAR
        return FITS

    return check


def far(info: PodInfo, cluster: Cluster) -> Check | None:
    """No pod in the domain of the node is one that the pod keeps away from."""
    taken = {
        pair
        for term in info.terms.far
        for pair in _pairs((term,), cluster.count(Question((term.match,))), cluster)
    }
    return _none_of(taken, _NOT_FAR)


def welcome(info: PodInfo, cluster: Cluster) -> Check | None:
    """No pod in the domain of the node keeps away from this one."""
    taken = {
        pair
        for term, counts in cluster.far.items()
        if term.match.matches(info.pod)
        for pair in _pairs((term,), counts, cluster)
    }
    return _none_of(taken, _NOT_WELCOME)


def _none_of(taken: set[_Pair], reasons: Reasons) -> Check | None:
    if not taken:
        return None
    keys = {key for key, _ in taken}

    def check(node: NodeInfo) -> Reasons:
        labels = node.labels
        return reasons if any((k, labels.get(k)) in taken for k in keys) else FITS

    return check


def _pairs(terms: Sequence[Term], counts: Counts, cluster: Cluster) -> Iterator[_Pair]:
    """The domains of each term that have pods."""
    for key in {term.topology_key for term in terms}:
        for domain in cluster.by_domain(counts, key):
            yield key, domain


# -- score


def prefer_company(
    info: PodInfo, cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best where the most wishes come true."""
    weights = _weights(info, cluster)
    if not weights:
        return None
    keys = {key for key, _ in weights}
    sums = [
        sum(weights[key, node.labels[key]] for key in keys if key in node.labels)
        for node in nodes
    ]
    least, most = min(sums), max(sums)
    if least == most:
        return None
    return [BEST * (value - least) / (most - least) for value in sums]


def _weights(info: PodInfo, cluster: Cluster) -> Counter[_Pair]:
    found: Counter[_Pair] = Counter()

    def add(weight: int, term: Term, counts: Counts) -> None:
        for domain, count in cluster.by_domain(counts, term.topology_key).items():
            found[term.topology_key, domain] += weight * count

    for wish in info.terms.wishes:
        add(wish.weight, wish.term, cluster.count(Question((wish.term.match,))))
    for wish, counts in cluster.wishes.items():
        if wish.term.match.matches(info.pod):
            add(wish.weight, wish.term, counts)
    return found

"""All nodes with the pods on them, and who is where, counted as the rules ask.

Rules
- Finished pods are not on any node; those that are being deleted still are.
- A count is made when it is first asked for, and kept right by `take` from then on: a
  burst of equal pods asks the same, and is counted once.

Follows pkg/scheduler/backend/cache/snapshot.go.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from supervisor.controllers.scheduling.node_info import NodeInfo, empty
from supervisor.controllers.scheduling.pod_info import PodInfo, pod_info
from supervisor.controllers.scheduling.storage import Storage
from supervisor.controllers.scheduling.terms import Match, Namespaces, Term, Wish
from supervisor.model.kinds import Node
from supervisor.model.pod import Pod

Counts = Mapping[str, int]
"""Of pods, by the name of their node or by the value of one of its labels."""

_MAX_QUESTIONS = 64
_NO_NAMESPACES: Namespaces = {}


@dataclass(frozen=True, slots=True)
class Question:
    """Pods that all of `matches` mean; those being deleted only when `leaving`."""

    matches: tuple[Match, ...]
    leaving: bool = True

    def fits(self, pod: Pod) -> bool:
        stays = pod.metadata.deletion_timestamp is None
        return (self.leaving or stays) and all(m.matches(pod) for m in self.matches)


class Cluster:
    """`nodes` are in the order of their names."""

    def __init__(
        self,
        nodes: Iterable[Node],
        pods: Iterable[Pod],
        namespaces: Namespaces = _NO_NAMESPACES,
        storage: Storage = Storage(),
    ) -> None:
        infos = {node.metadata.name: empty(node) for node in nodes}
        self.nodes: Sequence[NodeInfo] = [infos[name] for name in sorted(infos)]
        self.namespaces = namespaces
        self.storage = storage
        self._pods: list[tuple[Pod, str]] = []
        #: Pods by node for each question asked, the latest last.
        self._counts: dict[Question, Counter[str]] = {}
        #: Required anti-affinity of the pods on nodes, with how many of a node say it.
        self.far: dict[Term, Counter[str]] = {}
        #: The same of their wishes, and of required affinity as a wish of weight 1.
        self.wishes: dict[Wish, Counter[str]] = {}
        for pod in pods:
            node = infos.get(pod.spec.node_name)
            if node is not None and not pod.is_finished:
                self.take(pod_info(pod, namespaces), node)

    def take(self, info: PodInfo, node: NodeInfo) -> None:
        """Count a pod that is on `node`, or has just been placed there."""
        node.take(info)
        self._pods.append((info.pod, node.name))
        for question, counts in self._counts.items():
            if question.fits(info.pod):
                counts[node.name] += 1
        for term in info.terms.far:
            self.far.setdefault(term, Counter())[node.name] += 1
        required = (Wish(1, term) for term in info.terms.near)
        for wish in (*info.terms.wishes, *required):
            self.wishes.setdefault(wish, Counter())[node.name] += 1

    def count(self, question: Question) -> Counts:
        """How many of the pods that are asked for are on each node; no zeros."""
        known = self._counts.pop(question, None)
        if known is None:
            fitting = (node for pod, node in self._pods if question.fits(pod))
            known = Counter(fitting)
            if len(self._counts) >= _MAX_QUESTIONS:
                del self._counts[next(iter(self._counts))]
        self._counts[question] = known
        return known

    def by_domain(self, counts: Counts, key: str) -> Counts:
        """`counts` by node, summed over the nodes that have one value of a label."""
        found: Counter[str] = Counter()
        for node in self.nodes:
            here, domain = counts.get(node.name, 0), node.labels.get(key)
            if here and domain is not None:
                found[domain] += here
        return found

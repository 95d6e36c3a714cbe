"""The pods that an affinity term means, as values that can be asked and counted.

Rules
- A term without namespaces and without a namespace selector means the namespace of the
  pod that carries it; an empty namespace selector means all namespaces.
- Two pods of one template have equal terms, so that what was counted for one serves the
  other.

Follows pkg/scheduler/framework/types.go (AffinityTerm, newAffinityTerm).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from supervisor.model.affinity import PodAffinity, PodAffinityTerm
from supervisor.model.label_selector import LabelSelector, to_selector
from supervisor.model.pod import Pod
from supervisor.model.selectors import LabelSelector as Selector

Namespaces = Mapping[str, Mapping[str, str]]
"""The labels of each namespace."""


@dataclass(frozen=True, slots=True)
class Match:
    """Pods of some namespaces (None: of all) with some labels."""

    namespaces: frozenset[str] | None
    selector: Selector

    def matches(self, pod: Pod) -> bool:
        meta = pod.metadata
        if self.namespaces is not None and meta.namespace not in self.namespaces:
            return False
        return self.selector.matches(meta.labels)


@dataclass(frozen=True, slots=True)
class Term:
    """Pods, and the label of nodes that says which are near to one another."""

    match: Match
    topology_key: str


@dataclass(frozen=True, slots=True)
class Wish:
    weight: int
    """Negative when the pods had better be far."""
    term: Term


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pod says about the nearness of others."""

    near: tuple[Term, ...] = ()
    far: tuple[Term, ...] = ()
    wishes: tuple[Wish, ...] = ()


NO_TERMS = Terms()


def terms_of(pod: Pod, namespaces: Namespaces) -> Terms:
    """The affinity terms of a pod to other pods."""
    affinity = pod.spec.affinity
    if affinity is None:
        return NO_TERMS
    near = affinity.pod_affinity or PodAffinity()
    far = affinity.pod_anti_affinity or PodAffinity()

    def terms(given: Iterable[PodAffinityTerm]) -> tuple[Term, ...]:
        return tuple(_term(term, pod, namespaces) for term in given)

    wishes = [(w.weight, w.pod_affinity_term) for w in near.preferred]
    wishes += [(-w.weight, w.pod_affinity_term) for w in far.preferred]
    return Terms(
        terms(near.required),
        terms(far.required),
        tuple(Wish(weight, _term(term, pod, namespaces)) for weight, term in wishes),
    )


def own_namespace(pod: Pod, selector: LabelSelector | None) -> Match:
    """The pods beside `pod` that `selector` means."""
    return Match(frozenset((pod.metadata.namespace,)), to_selector(selector))


def selects_namespaces(pod: Pod) -> bool:
    """Whether the labels of namespaces matter to the pod's terms."""
    affinity = pod.spec.affinity
    if affinity is None:
        return False
    return any(
        term.namespace_selector is not None
        for side in (affinity.pod_affinity, affinity.pod_anti_affinity)
        if side is not None
        for term in (*side.required, *(w.pod_affinity_term for w in side.preferred))
    )


def _term(term: PodAffinityTerm, pod: Pod, namespaces: Namespaces) -> Term:
    selector = to_selector(term.label_selector)
    return Term(Match(_names(term, pod, namespaces), selector), term.topology_key)


def _names(
    term: PodAffinityTerm, pod: Pod, namespaces: Namespaces
) -> frozenset[str] | None:
    if term.namespace_selector is None:
        return frozenset(term.namespaces or (pod.metadata.namespace,))
    selector = to_selector(term.namespace_selector)
    if not selector:
        return None
    chosen = (name for name, labels in namespaces.items() if selector.matches(labels))
    return frozenset((*term.namespaces, *chosen))

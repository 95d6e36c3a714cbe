"""Whether a pod's nodeSelector and required node affinity select a node.

Follows component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go.
"""

from collections.abc import Mapping

from supervisor.model.affinity import NodeSelector, NodeSelectorTerm
from supervisor.model.label_selector import to_requirement
from supervisor.model.pod import Pod

NOT_SELECTED = "node(s) didn't match Pod's node affinity/selector"


def selects(pod: Pod, node_name: str, labels: Mapping[str, str]) -> bool:
    """Whether the pod may run on the node of that name with these labels."""
    wanted = pod.spec.node_selector or {}
    if not wanted.items() <= labels.items():
        return False
    affinity = pod.spec.affinity
    of_nodes = affinity.node_affinity if affinity is not None else None
    required = of_nodes.required if of_nodes is not None else None
    if required is None:
        return True
    terms = required.node_selector_terms
    return any(term_matches(term, node_name, labels) for term in terms)


def allows(required: NodeSelector | None, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a node selector, such as a volume's, allows the node."""
    if required is None:
        return True
    return any(term_matches(t, name, labels) for t in required.node_selector_terms)


def term_matches(
    term: NodeSelectorTerm, node_name: str, labels: Mapping[str, str]
) -> bool:
    """All requirements hold; a term without any matches no node."""
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": node_name}
    return all(
        to_requirement(r.key, r.operator, r.values).matches(of)
        for given, of in (
            (term.match_expressions, labels),
            (term.match_fields, fields),
        )
        for r in given
    )

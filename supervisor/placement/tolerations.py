"""Taints of a node that a pod does not tolerate.

Follows component-helpers/scheduling/corev1/helpers.go (FindMatchingUntoleratedTaint).
"""

from collections.abc import Collection

from supervisor.model import taints
from supervisor.model.kinds import Node, Taint
from supervisor.model.pod import Pod


def tolerates(pod: Pod, taint: Taint) -> bool:
    return any(taints.tolerates(given, taint) for given in pod.spec.tolerations)


def untolerated(pod: Pod, node: Node, effects: Collection[str]) -> Taint | None:
    """The first taint of one of these effects that the pod does not tolerate."""
    hindering = (t for t in node.spec.taints if t.effect in effects)
    return next((taint for taint in hindering if not tolerates(pod, taint)), None)

"""Which taints a pod tolerates, and the taints that tell of a node's health. Pure.

Follows staging/src/k8s.io/api/core/v1/toleration.go (ToleratesTaint) and
well_known_taints.go.
"""

from collections.abc import Sequence

from supervisor.model.kinds import Taint
from supervisor.model.pod import Toleration

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"
LOST = (NOT_READY, UNREACHABLE)
"""Keys of the taints of a node that is not ready, or is not heard of."""


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """An empty key or effect of a toleration stands for every one."""
    if toleration.effect not in ("", taint.effect):
        return False
    if toleration.key not in ("", taint.key):
        return False
    return toleration.operator == "Exists" or toleration.value == taint.value


def tolerated_seconds(tolerations: Sequence[Toleration], taint: Taint) -> float | None:
    """How long a NoExecute taint is tolerated: 0 not at all, None for ever."""
    matching = [t for t in tolerations if tolerates(t, taint)]
    if not matching:
        return 0.0
    limits = [
        max(0.0, float(t.toleration_seconds))
        for t in matching
        if t.toleration_seconds is not None
    ]
    return min(limits, default=None)

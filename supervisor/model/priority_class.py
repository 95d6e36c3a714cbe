"""PriorityClasses: the fields that we honour, and those that are always there.

Follows staging/src/k8s.io/api/scheduling/v1/types.go and
pkg/apis/scheduling/v1/helpers.go.
"""

from supervisor.model.meta import ObjectMeta, Value, build

HIGHEST_OF_USERS = 1_000_000_000
SYSTEM_PREFIX = "system-"


class PriorityClass(Value, frozen=True):
    metadata: ObjectMeta
    value: int = 0
    global_default: bool = False
    description: str = ""
    preemption_policy: str = "PreemptLowerPriority"


SYSTEM = (
    PriorityClass(
        metadata=ObjectMeta(name="system-node-critical"),
        value=2 * HIGHEST_OF_USERS + 1000,
        description="For pods of the system that must stay on their node.",
    ),
    PriorityClass(
        metadata=ObjectMeta(name="system-cluster-critical"),
        value=2 * HIGHEST_OF_USERS,
        description="For pods of the system that must run, on whichever node.",
    ),
)

build(globals())

"""What a pod says about the nodes it may run on, and about the pods it is near to.

Follows staging/src/k8s.io/api/core/v1/types.go.
"""

import msgspec

from supervisor.model.label_selector import LabelSelector
from supervisor.model.meta import Value, build

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

DO_NOT_SCHEDULE = "DoNotSchedule"
SCHEDULE_ANYWAY = "ScheduleAnyway"


# -- nodes


class NodeSelectorRequirement(Value, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class NodeSelectorTerm(Value, frozen=True):
    """All requirements together; a term without any matches no node."""

    match_expressions: tuple[NodeSelectorRequirement, ...] = ()
    match_fields: tuple[NodeSelectorRequirement, ...] = ()


class NodeSelector(Value, frozen=True):
    """One of the terms is enough."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class PreferredSchedulingTerm(Value, frozen=True):
    weight: int
    preference: NodeSelectorTerm = NodeSelectorTerm()


class NodeAffinity(Value, frozen=True):
    required: NodeSelector | None = msgspec.field(default=None, name=REQUIRED)
    preferred: tuple[PreferredSchedulingTerm, ...] = msgspec.field(
        default=(), name=PREFERRED
    )


# -- pods


class PodAffinityTerm(Value, frozen=True):
    topology_key: str
    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None


class WeightedPodAffinityTerm(Value, frozen=True):
    weight: int
    pod_affinity_term: PodAffinityTerm


class PodAffinity(Value, frozen=True):
    """Of podAffinity and of podAntiAffinity: they differ in what a match means."""

    required: tuple[PodAffinityTerm, ...] = msgspec.field(default=(), name=REQUIRED)
    preferred: tuple[WeightedPodAffinityTerm, ...] = msgspec.field(
        default=(), name=PREFERRED
    )


class Affinity(Value, frozen=True):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


# -- domains


class TopologySpreadConstraint(Value, frozen=True):
    max_skew: int
    topology_key: str
    when_unsatisfiable: str
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str = "Honor"
    node_taints_policy: str = "Ignore"


build(globals())

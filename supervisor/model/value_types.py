"""The typed value of each stored resource: what controllers and agents decide by.

The API's table of kinds has the same types; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.model import kinds
from supervisor.model.engine import ENGINES, Engine
from supervisor.model.meta import Object, ObjectMeta, Value
from supervisor.model.pod import Pod


class Lease(Value, frozen=True):
    """Of a Lease nothing but metadata is read as a typed value."""

    metadata: ObjectMeta


@dataclass(frozen=True)
class ValueType:
    api_version: str
    kind: str
    type: type[Value]


def resource_of(obj: Object) -> str | None:
    """The resource of an object, by its kind."""
    kind = (obj.get("apiVersion"), obj.get("kind"))
    return next(
        (r for r, v in VALUE_TYPES.items() if (v.api_version, v.kind) == kind), None
    )


VALUE_TYPES: Mapping[str, ValueType] = {
    "configmaps": ValueType("v1", "ConfigMap", kinds.ConfigMap),
    "events": ValueType("v1", "Event", kinds.Event),
    "namespaces": ValueType("v1", "Namespace", kinds.Namespace),
    "nodes": ValueType("v1", "Node", kinds.Node),
    "pods": ValueType("v1", "Pod", Pod),
    "replicationcontrollers": ValueType(
        "v1", "ReplicationController", kinds.ReplicationController
    ),
    "secrets": ValueType("v1", "Secret", kinds.Secret),
    "leases.coordination.k8s.io": ValueType("coordination.k8s.io/v1", "Lease", Lease),
    ENGINES: ValueType("supervisor.io/v1", "Engine", Engine),
}

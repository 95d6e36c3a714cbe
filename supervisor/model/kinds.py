"""The other kinds that we serve: exactly the fields that we honour.

Follows staging/src/k8s.io/api/core/v1/types.go.
"""

import msgspec

from supervisor.model.meta import Condition, Object, ObjectMeta, Value, build
from supervisor.model.pod import PodTemplateSpec


class ReplicationControllerSpec(Value, frozen=True):
    replicas: int = 1
    min_ready_seconds: int = 0
    selector: dict[str, str] | None = None
    template: PodTemplateSpec | None = None


class ReplicationControllerStatus(Value, frozen=True, omit_defaults=False):
    replicas: int = 0
    fully_labeled_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()


class ReplicationController(Value, frozen=True):
    metadata: ObjectMeta
    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: ReplicationControllerStatus = ReplicationControllerStatus()


class Taint(Value, frozen=True):
    key: str
    effect: str
    value: str = ""
    time_added: str | None = None


class NodeSpec(Value, frozen=True):
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    provider_id: str = msgspec.field(default="", name="providerID")


class NodeAddress(Value, frozen=True):
    type: str
    address: str


class ContainerImage(Value, frozen=True):
    names: tuple[str, ...] = ()
    size_bytes: int = 0


class NodeSystemInfo(Value, frozen=True, omit_defaults=False):
    machine_id: str = msgspec.field(default="", name="machineID")
    system_uuid: str = msgspec.field(default="", name="systemUUID")
    boot_id: str = msgspec.field(default="", name="bootID")
    kernel_version: str = ""
    os_image: str = ""
    container_runtime_version: str = ""
    kubelet_version: str = ""
    kube_proxy_version: str = ""
    operating_system: str = ""
    architecture: str = ""


class NodeStatus(Value, frozen=True):
    capacity: dict[str, str] | None = None
    allocatable: dict[str, str] | None = None
    conditions: tuple[Condition, ...] = ()
    addresses: tuple[NodeAddress, ...] = ()
    node_info: NodeSystemInfo = NodeSystemInfo()
    images: tuple[ContainerImage, ...] = ()

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.conditions if c.type == kind), None)


class Node(Value, frozen=True):
    metadata: ObjectMeta
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class NamespaceStatus(Value, frozen=True):
    phase: str = "Active"


class NamespaceSpec(Value, frozen=True):
    finalizers: tuple[str, ...] = ()


class Namespace(Value, frozen=True):
    metadata: ObjectMeta
    spec: NamespaceSpec = NamespaceSpec()
    status: NamespaceStatus = NamespaceStatus()


class ConfigMap(Value, frozen=True):
    metadata: ObjectMeta
    data: dict[str, str] | None = None
    binary_data: dict[str, str] | None = None
    immutable: bool = False


class Secret(Value, frozen=True):
    metadata: ObjectMeta
    type: str = "Opaque"
    data: dict[str, str] | None = None
    string_data: dict[str, str] | None = None
    immutable: bool = False


class EventSource(Value, frozen=True):
    component: str = ""
    host: str = ""


class Event(Value, frozen=True):
    metadata: ObjectMeta
    involved_object: Object = {}
    reason: str = ""
    message: str = ""
    type: str = "Normal"
    count: int = 1
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    source: EventSource = EventSource()
    reporting_component: str = ""
    reporting_instance: str = ""


build(globals())

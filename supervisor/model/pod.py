"""Pods as deciding code sees them: exactly the fields that we honour.

Follows staging/src/k8s.io/api/core/v1/types.go. The API warns about all other fields.
"""

import msgspec

from supervisor.model.affinity import Affinity, TopologySpreadConstraint
from supervisor.model.meta import Condition, ObjectMeta, Value, build
from supervisor.model.volumes import ObjectFieldSelector, ResourceFieldSelector, Volume

Port = int | str
"""A port number, or the name of one of the container's ports."""


# -- probes and hooks


class HttpHeader(Value, frozen=True):
    name: str
    value: str = ""


class HttpGetAction(Value, frozen=True):
    port: Port
    path: str = "/"
    host: str = ""
    scheme: str = "HTTP"
    http_headers: tuple[HttpHeader, ...] = ()


class TcpSocketAction(Value, frozen=True):
    port: Port
    host: str = ""


class ExecAction(Value, frozen=True):
    command: tuple[str, ...] = ()


class GrpcAction(Value, frozen=True):
    port: int
    service: str = ""


class SleepAction(Value, frozen=True):
    seconds: int


class Probe(Value, frozen=True):
    http_get: HttpGetAction | None = None
    tcp_socket: TcpSocketAction | None = None
    exec: ExecAction | None = None
    grpc: GrpcAction | None = None
    initial_delay_seconds: int = 0
    timeout_seconds: int = 1
    period_seconds: int = 10
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None


class LifecycleHandler(Value, frozen=True):
    http_get: HttpGetAction | None = None
    exec: ExecAction | None = None
    tcp_socket: TcpSocketAction | None = None
    sleep: SleepAction | None = None


class Lifecycle(Value, frozen=True):
    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None


# -- environment


class KeySelector(Value, frozen=True):
    """A key of a ConfigMap or of a Secret."""

    key: str
    name: str = ""
    optional: bool = False


class EnvVarSource(Value, frozen=True):
    field_ref: ObjectFieldSelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    config_map_key_ref: KeySelector | None = None
    secret_key_ref: KeySelector | None = None


class EnvVar(Value, frozen=True):
    name: str
    value: str = ""
    value_from: EnvVarSource | None = None


class EnvSource(Value, frozen=True):
    name: str = ""
    optional: bool = False


class EnvFromSource(Value, frozen=True):
    prefix: str = ""
    config_map_ref: EnvSource | None = None
    secret_ref: EnvSource | None = None


# -- containers


class ContainerPort(Value, frozen=True):
    container_port: int
    name: str = ""
    protocol: str = "TCP"
    host_port: int = 0
    host_ip: str = msgspec.field(default="", name="hostIP")


class ResourceRequirements(Value, frozen=True):
    limits: dict[str, str | int | float] | None = None
    requests: dict[str, str | int | float] | None = None


class VolumeMount(Value, frozen=True):
    name: str
    mount_path: str
    read_only: bool = False
    sub_path: str = ""
    sub_path_expr: str = ""


class SeccompProfile(Value, frozen=True):
    type: str
    localhost_profile: str = ""


class Capabilities(Value, frozen=True):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SecurityContext(Value, frozen=True):
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    privileged: bool = False
    read_only_root_filesystem: bool = False
    allow_privilege_escalation: bool | None = None
    capabilities: Capabilities | None = None
    seccomp_profile: SeccompProfile | None = None


class Container(Value, frozen=True):
    name: str
    image: str = ""
    image_pull_policy: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    ports: tuple[ContainerPort, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    resources: ResourceRequirements = ResourceRequirements()
    volume_mounts: tuple[VolumeMount, ...] = ()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    security_context: SecurityContext | None = None
    termination_message_path: str = "/dev/termination-log"
    termination_message_policy: str = "File"
    restart_policy: str | None = None
    """Only on init containers; "Always" makes a sidecar."""
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False


# -- the pod


class Sysctl(Value, frozen=True):
    name: str
    value: str = ""


class PodSecurityContext(Value, frozen=True):
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    supplemental_groups: tuple[int, ...] = ()
    supplemental_groups_policy: str | None = None
    fs_group: int | None = None
    sysctls: tuple[Sysctl, ...] = ()
    seccomp_profile: SeccompProfile | None = None
    fs_group_change_policy: str | None = None
    """Means nothing for an emptyDir, which is all that gets a group here."""


class HostAlias(Value, frozen=True):
    ip: str
    hostnames: tuple[str, ...] = ()


class PodDNSConfigOption(Value, frozen=True):
    name: str = ""
    value: str | None = None


class PodDNSConfig(Value, frozen=True):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[PodDNSConfigOption, ...] = ()


class PodOS(Value, frozen=True):
    name: str


class PodSchedulingGate(Value, frozen=True):
    name: str


class Toleration(Value, frozen=True):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class PodReadinessGate(Value, frozen=True):
    condition_type: str


class PodSpec(Value, frozen=True):
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    active_deadline_seconds: int | None = None
    node_name: str = ""
    node_selector: dict[str, str] | None = None
    affinity: Affinity | None = None
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    hostname: str = ""
    host_network: bool = False
    host_aliases: tuple[HostAlias, ...] = ()
    share_process_namespace: bool = False
    security_context: PodSecurityContext | None = None
    readiness_gates: tuple[PodReadinessGate, ...] = ()
    scheduler_name: str = "default-scheduler"
    service_account_name: str = ""
    service_account: str = ""
    automount_service_account_token: bool | None = None
    priority_class_name: str = ""
    priority: int = 0
    dns_policy: str = "ClusterFirst"
    dns_config: PodDNSConfig | None = None
    os: PodOS | None = None
    scheduling_gates: tuple[PodSchedulingGate, ...] = ()

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """Init containers first."""
        return (*self.init_containers, *self.containers)

    def container(self, name: str) -> Container | None:
        return next((c for c in self.all_containers if c.name == name), None)


class ContainerStateWaiting(Value, frozen=True):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(Value, frozen=True):
    started_at: str | None = None


class ContainerStateTerminated(Value, frozen=True):
    exit_code: int
    reason: str = ""
    message: str = ""
    signal: int = 0
    started_at: str | None = None
    finished_at: str | None = None
    container_id: str = msgspec.field(default="", name="containerID")


class ContainerState(Value, frozen=True):
    """Exactly one member is set; none means waiting."""

    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStatus(Value, frozen=True, omit_defaults=False):
    name: str
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
    ready: bool = False
    restart_count: int = 0
    image: str = ""
    image_id: str = msgspec.field(default="", name="imageID")
    container_id: str = msgspec.field(default="", name="containerID")
    started: bool = False


class PodIP(Value, frozen=True):
    ip: str = ""


class PodStatus(Value, frozen=True):
    phase: str = "Pending"
    conditions: tuple[Condition, ...] = ()
    message: str = ""
    reason: str = ""
    host_ip: str = msgspec.field(default="", name="hostIP")
    pod_ip: str = msgspec.field(default="", name="podIP")
    pod_ips: tuple[PodIP, ...] = msgspec.field(default=(), name="podIPs")
    start_time: str | None = None
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    qos_class: str = ""
    observed_generation: int | None = None

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type, if it stands."""
        return next((c for c in self.conditions if c.type == kind), None)


class Pod(Value, frozen=True):
    metadata: ObjectMeta
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def is_gated(self) -> bool:
        """Not to be scheduled before its scheduling gates are removed."""
        return bool(self.spec.scheduling_gates)

    @property
    def is_finished(self) -> bool:
        """Phase Succeeded or Failed: it never runs again."""
        return self.status.phase in ("Succeeded", "Failed")

    @property
    def is_rejected(self) -> bool:
        """Its node did not take it: it failed before anything of it was started."""
        told = self.status.container_statuses or self.status.init_container_statuses
        return self.status.phase == "Failed" and bool(self.status.reason) and not told

    @property
    def is_active(self) -> bool:
        """Counts as a replica: not finished and not being deleted."""
        return not self.is_finished and self.metadata.deletion_timestamp is None

    @property
    def is_ready(self) -> bool:
        ready = self.status.condition("Ready")
        return ready is not None and ready.status == "True"


class PodTemplateSpec(Value, frozen=True):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


build(globals())

"""Names of the kinds that the code refers to.

Code that lists pods or creates an Event takes the names from here, so that names of
kinds are spelled in one folder only. This module imports nothing from the kinds.
"""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Identity:
    """Names, group and stored version of a kind."""

    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    @cached_property
    def resource(self) -> str:
        """The resource name: `pods`, `leases.coordination.k8s.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified_kind(self) -> str:
        """The kind in error messages: `Pod`, `Lease.coordination.k8s.io`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def head(self) -> dict[str, str]:
        """The fields apiVersion and kind of an object."""
        return {"apiVersion": self.api_version, "kind": self.kind}


CONFIG_MAP = Identity("configmaps", "ConfigMap")
CONTROLLER_REVISION = Identity("controllerrevisions", "ControllerRevision", "apps")
CRON_JOB = Identity("cronjobs", "CronJob", "batch")
CUSTOM_RESOURCE_DEFINITION = Identity(
    "customresourcedefinitions",
    "CustomResourceDefinition",
    "apiextensions.k8s.io",
    namespaced=False,
)
DAEMON_SET = Identity("daemonsets", "DaemonSet", "apps")
DEPLOYMENT = Identity("deployments", "Deployment", "apps")
ENGINE = Identity("engines", "Engine", "supervisor.io", namespaced=False)
EVENT = Identity("events", "Event")
HORIZONTAL_POD_AUTOSCALER = Identity(
    "horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling", "v2"
)
JOB = Identity("jobs", "Job", "batch")
LEASE = Identity("leases", "Lease", "coordination.k8s.io")
LIMIT_RANGE = Identity("limitranges", "LimitRange")
NAMESPACE = Identity("namespaces", "Namespace", namespaced=False)
NODE = Identity("nodes", "Node", namespaced=False)
NODE_METRICS = Identity(
    "nodes", "NodeMetrics", "metrics.k8s.io", "v1beta1", namespaced=False
)
PERSISTENT_VOLUME = Identity("persistentvolumes", "PersistentVolume", namespaced=False)
PERSISTENT_VOLUME_CLAIM = Identity("persistentvolumeclaims", "PersistentVolumeClaim")
POD = Identity("pods", "Pod")
POD_METRICS = Identity("pods", "PodMetrics", "metrics.k8s.io", "v1beta1")
POD_DISRUPTION_BUDGET = Identity(
    "poddisruptionbudgets", "PodDisruptionBudget", "policy"
)
PRIORITY_CLASS = Identity(
    "priorityclasses", "PriorityClass", "scheduling.k8s.io", namespaced=False
)
REPLICA_SET = Identity("replicasets", "ReplicaSet", "apps")
REPLICATION_CONTROLLER = Identity("replicationcontrollers", "ReplicationController")
RESOURCE_QUOTA = Identity("resourcequotas", "ResourceQuota")
SECRET = Identity("secrets", "Secret")
SERVICE = Identity("services", "Service")
SERVICE_ACCOUNT = Identity("serviceaccounts", "ServiceAccount")
STATEFUL_SET = Identity("statefulsets", "StatefulSet", "apps")
STORAGE_CLASS = Identity(
    "storageclasses", "StorageClass", "storage.k8s.io", namespaced=False
)

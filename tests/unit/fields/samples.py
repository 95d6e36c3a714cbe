"""Values for fields, and what has to stand beside them for them to matter."""

from copy import deepcopy
from typing import Any

from supervisor.model.schema.types import Field, Form, Shape, TypeSchema

ABSENT: Any = object()
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

WHOLE = {"LabelSelector"}
"""Types that are tested as one value; their own tests go into them."""

_HANDLERS = {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}
_SOURCES = {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"}
ONE_OF = {
    "Probe": _HANDLERS,
    "LifecycleHandler": _HANDLERS,
    "EnvVar": {"value", "valueFrom"},
    "EnvVarSource": _SOURCES,
    "EnvFromSource": {"configMapRef", "secretRef"},
    "DownwardAPIVolumeFile": {"fieldRef", "resourceFieldRef"},
    "VolumeProjection": {
        "configMap",
        "secret",
        "downwardAPI",
        "serviceAccountToken",
        "clusterTrustBundle",
        "podCertificate",
    },
    "VolumeMount": {"subPath", "subPathExpr"},
}
"""Fields of a type of which only one may be set."""

_OF_SIDECARS = {
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "ports",
}
"""What an init container may have only if it goes on running."""

AROUND: dict[str, dict[str, Any]] = {
    "PodSpec": {
        "containers": [{"name": "app", "image": "img:1"}],
        "volumes": [{"name": "data", "emptyDir": {}}],
    },
    "Container": {"name": "app", "image": "img:1"},
    "Container@initContainers": {"name": "init", "image": "img:1"},
    "ContainerPort": {"containerPort": 80, "hostPort": 8080},
    "Probe": {"exec": {"command": ["check"]}, "failureThreshold": 1},
    "HTTPGetAction": {"port": 80},
    "HTTPHeader": {"name": "A", "value": "b"},
    "TCPSocketAction": {"port": 80},
    "GRPCAction": {"port": 80},
    "EnvVar": {"name": "A", "value": "b"},
    "ObjectFieldSelector": {"fieldPath": "metadata.name"},
    "ConfigMapKeySelector": {"name": "settings", "key": "a"},
    "SecretKeySelector": {"name": "keys", "key": "a"},
    "ConfigMapEnvSource": {"name": "settings"},
    "SecretEnvSource": {"name": "keys"},
    "VolumeMount": {"name": "data", "mountPath": "/data"},
    "Volume": {"name": "v"},
    "HostPathVolumeSource": {"path": "/srv"},
    "Toleration": {"key": "dedicated", "operator": "Exists"},
    "HostAlias": {"ip": "192.0.2.9", "hostnames": ["other"]},
    "NodeSelectorRequirement": {"key": "disk", "operator": "In", "values": ["ssd"]},
    "NodeSelectorRequirement@matchFields": {
        "key": "metadata.name",
        "operator": "In",
        "values": ["one"],
    },
    "Sysctl": {"name": "net.ipv4.ip_unprivileged_port_start", "value": "1"},
    "SeccompProfile": {"type": "RuntimeDefault"},
    "PodDNSConfigOption": {"name": "ndots"},
    "SecretVolumeSource": {"secretName": "keys"},
    "ConfigMapVolumeSource": {"name": "settings"},
    "PersistentVolumeClaimVolumeSource": {"claimName": "claim"},
    "KeyToPath": {"key": "a", "path": "a"},
    "ConfigMapProjection": {"name": "settings"},
    "SecretProjection": {"name": "keys"},
    "DownwardAPIVolumeFile": {
        "path": "a",
        "fieldRef": {"fieldPath": "metadata.name"},
    },
    "ResourceFieldSelector": {
        "resource": "limits.cpu",
        "containerName": "app",
    },
    "DownwardAPIVolumeSource": {
        "items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}]
    },
    "ProjectedVolumeSource": {"sources": [{"configMap": {"name": "settings"}}]},
    "PreferredSchedulingTerm": {
        "weight": 100,
        "preference": {
            "matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]
        },
    },
    "WeightedPodAffinityTerm": {
        "weight": 100,
        "podAffinityTerm": {
            "labelSelector": {"matchLabels": {"app": "other"}},
            "topologyKey": "kubernetes.io/hostname",
        },
    },
    "PodAffinityTerm@podAffinityTerm": {
        "labelSelector": {"matchLabels": {"app": "other"}},
        "topologyKey": "kubernetes.io/hostname",
    },
    "PodAffinityTerm": {
        "labelSelector": {"matchLabels": {"app": "near"}},
        "topologyKey": "kubernetes.io/hostname",
    },
    "TopologySpreadConstraint": {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"tier": "x"}},
    },
}
"""What an object of a type has besides the field that is looked at."""

BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("Container", "ports"): {
        "readinessProbe": {"httpGet": {"port": "web"}},
    },
    ("ConfigMapKeySelector", "optional"): {"name": "none"},
    ("SecretKeySelector", "optional"): {"name": "none"},
    ("ConfigMapEnvSource", "optional"): {"name": "none"},
    ("SecretEnvSource", "optional"): {"name": "none"},
    ("ConfigMapVolumeSource", "optional"): {"name": "none"},
    ("SecretVolumeSource", "optional"): {"secretName": "none"},
    ("ConfigMapProjection", "optional"): {"name": "none"},
    ("SecretProjection", "optional"): {"name": "none"},
    ("Toleration", "value"): {"operator": "Equal"},
    ("Toleration", "tolerationSeconds"): {"effect": "NoExecute"},
    ("TopologySpreadConstraint", "whenUnsatisfiable"): {"topologyKey": "none"},
    ("TopologySpreadConstraint", "minDomains"): {
        "labelSelector": {"matchLabels": {"common": "x"}},
    },
    ("TopologySpreadConstraint", "nodeTaintsPolicy"): {
        "labelSelector": {"matchLabels": {"common": "x"}},
        "topologyKey": "kubernetes.io/hostname",
    },
}
"""What an object has, if it is this field of it that is looked at."""

IN_POD: dict[str, dict[str, Any]] = {
    "topologySpreadConstraints[].nodeAffinityPolicy": {"nodeSelector": {"zone": "b"}},
}
"""What a pod has, if it is this field of it that is looked at."""

_NEAR = {
    "weight": 50,
    "podAffinityTerm": {
        "labelSelector": {"matchLabels": {"app": "near"}},
        "topologyKey": "kubernetes.io/hostname",
    },
}
NEIGHBOURS: dict[tuple[str, str], list[Any]] = {
    ("NodeAffinity", PREFERRED): [
        {
            "weight": 50,
            "preference": {
                "matchExpressions": [{"key": "disk", "operator": "DoesNotExist"}]
            },
        }
    ],
    ("PodAffinity", PREFERRED): [_NEAR],
    ("PodAntiAffinity", PREFERRED): [_NEAR],
}
"""Further elements of a list."""

VALUES: dict[tuple[str, str], tuple[Any, Any]] = {
    ("PodSpec", "restartPolicy"): (ABSENT, "Never"),
    ("PodSpec", "nodeSelector"): (ABSENT, {"disk": "none"}),
    ("PodSpec", "nodeName"): (ABSENT, "other"),
    ("PodSpec", "activeDeadlineSeconds"): (ABSENT, 20),
    ("Container", "name"): ("app", "other"),
    ("Container@initContainers", "name"): ("init", "other"),
    ("Container", "image"): ("img:1", "img:2"),
    ("Container", "terminationMessagePolicy"): (ABSENT, "FallbackToLogsOnError"),
    ("Container", "imagePullPolicy"): (ABSENT, "Always"),
    ("Container", "terminationMessagePath"): (ABSENT, "/message"),
    ("Container", "stdinOnce"): (ABSENT, True),
    ("ContainerPort", "containerPort"): (80, 81),
    ("ContainerPort", "name"): (ABSENT, "web"),
    ("ContainerPort", "hostPort"): (8080, 8081),
    ("ContainerPort", "hostIP"): (ABSENT, "127.0.0.1"),
    ("ContainerPort", "protocol"): (ABSENT, "UDP"),
    ("Probe", "successThreshold"): (ABSENT, 3),
    ("Probe", "timeoutSeconds"): (ABSENT, 4),
    ("Probe", "failureThreshold"): (1, 2),
    ("HTTPGetAction", "host"): (ABSENT, "127.0.0.1"),
    ("HTTPGetAction", "port"): (80, 1),
    ("TCPSocketAction", "port"): (80, 1),
    ("GRPCAction", "port"): (80, 1),
    ("HTTPGetAction", "path"): ("/", "/other"),
    ("HTTPHeader", "name"): ("A", "B"),
    ("HTTPHeader", "value"): ("a", "b"),
    ("SleepAction", "seconds"): (1, 9),
    ("ExecAction", "command"): (["check"], ["other"]),
    ("EnvVar", "name"): ("A", "B"),
    ("ObjectFieldSelector", "fieldPath"): ("metadata.name", "metadata.namespace"),
    ("ObjectFieldSelector", "apiVersion"): (ABSENT, "v2"),
    ("ResourceFieldSelector", "resource"): ("limits.cpu", "limits.memory"),
    ("ResourceFieldSelector", "divisor"): (ABSENT, "1m"),
    ("ResourceFieldSelector", "containerName"): ("app", "other"),
    ("ConfigMapKeySelector", "name"): ("settings", "other"),
    ("ConfigMapKeySelector", "key"): ("a", "b"),
    ("SecretKeySelector", "name"): ("keys", "other"),
    ("SecretKeySelector", "key"): ("a", "b"),
    ("ConfigMapEnvSource", "name"): ("settings", "other"),
    ("SecretEnvSource", "name"): ("keys", "other"),
    ("ConfigMapVolumeSource", "name"): ("settings", "other"),
    ("SecretVolumeSource", "secretName"): ("keys", "other"),
    ("ConfigMapProjection", "name"): ("settings", "other"),
    ("SecretProjection", "name"): ("keys", "other"),
    ("PersistentVolumeClaimVolumeSource", "claimName"): ("claim", "other"),
    ("KeyToPath", "key"): ("a", "b"),
    ("KeyToPath", "path"): ("a", "b"),
    ("DownwardAPIVolumeFile", "path"): ("a", "b"),
    ("VolumeMount", "name"): ("data", "more"),
    ("VolumeMount", "mountPath"): ("/data", "/other"),
    ("VolumeMount", "subPath"): (ABSENT, "a"),
    ("Volume", "name"): ("v", "w"),
    ("HostPathVolumeSource", "path"): ("/srv", "/mnt"),
    ("HostPathVolumeSource", "type"): (ABSENT, "Directory"),
    ("EmptyDirVolumeSource", "medium"): (ABSENT, "Memory"),
    ("Capabilities", "add"): (ABSENT, ["NET_ADMIN"]),
    ("Capabilities", "drop"): (ABSENT, ["ALL"]),
    ("ResourceRequirements", "limits"): (ABSENT, {"memory": "64Mi"}),
    ("ResourceRequirements", "requests"): (ABSENT, {"cpu": "100m"}),
    ("HostAlias", "ip"): ("192.0.2.9", "192.0.2.8"),
    ("HostAlias", "hostnames"): (["a"], ["b"]),
    ("PodReadinessGate", "conditionType"): ("a.b/c", "a.b/d"),
    ("PodSecurityContext", "runAsNonRoot"): (ABSENT, True),
    ("Sysctl", "name"): (
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_keepalive_time",
    ),
    ("Sysctl", "value"): ("1", "2"),
    ("SeccompProfile", "type"): ("RuntimeDefault", "Unconfined"),
    ("PodDNSConfigOption", "name"): ("ndots", "edns0"),
    ("PodDNSConfigOption", "value"): ("1", "2"),
    ("PodSchedulingGate", "name"): ("a.b/c", "a.b/d"),
    ("Toleration", "key"): ("dedicated", "other"),
    ("Toleration", "operator"): (ABSENT, "Exists"),
    ("Toleration", "value"): ("y", "x"),
    ("Toleration", "effect"): ("NoExecute", "NoSchedule"),
    ("NodeSelectorRequirement", "key"): ("disk", "zone"),
    ("NodeSelectorRequirement", "operator"): ("In", "NotIn"),
    ("NodeSelectorRequirement", "values"): (["ssd"], ["hdd"]),
    ("NodeSelectorRequirement@matchFields", "values"): (["one"], ["two"]),
    ("PreferredSchedulingTerm", "weight"): (1, 100),
    ("WeightedPodAffinityTerm", "weight"): (1, 100),
    ("PodAffinityTerm", "topologyKey"): ("kubernetes.io/hostname", "none"),
    ("PodAffinityTerm", "namespaces"): (ABSENT, ["far"]),
    ("PodAffinityTerm", "namespaceSelector"): (
        ABSENT,
        {"matchLabels": {"kubernetes.io/metadata.name": "far"}},
    ),
    ("PodAffinityTerm@podAffinityTerm", "labelSelector"): (
        {"matchLabels": {"app": "other"}},
        {"matchLabels": {"app": "none"}},
    ),
    ("PodAffinityTerm", "labelSelector"): (
        {"matchLabels": {"app": "near"}},
        {"matchLabels": {"app": "other"}},
    ),
    ("TopologySpreadConstraint", "maxSkew"): (1, 5),
    ("TopologySpreadConstraint", "topologyKey"): ("zone", "none"),
    ("TopologySpreadConstraint", "whenUnsatisfiable"): (
        "DoNotSchedule",
        "ScheduleAnyway",
    ),
    ("TopologySpreadConstraint", "labelSelector"): (
        {"matchLabels": {"tier": "x"}},
        {"matchLabels": {"app": "none"}},
    ),
    ("TopologySpreadConstraint", "minDomains"): (ABSENT, 5),
    ("TopologySpreadConstraint", "nodeAffinityPolicy"): (ABSENT, "Ignore"),
    ("TopologySpreadConstraint", "nodeTaintsPolicy"): (ABSENT, "Honor"),
    ("SecurityContext", "allowPrivilegeEscalation"): (ABSENT, False),
}
"""A first and a second value of a field, where the form does not say enough."""

_BY_FORM: dict[Form, Any] = {
    Form.STRING: "x",
    Form.INT32: 7,
    Form.INT64: 7,
    Form.BOOL: True,
    Form.BYTES: "eA==",
    Form.QUANTITY: "1Mi",
    Form.INT_OR_STRING: 7,
    Form.TIME: "2026-01-01T00:00:00Z",
    Form.ANY: {},
}


def values(type_name: str, field: Field, within: str = "") -> tuple[Any, Any]:
    """A first value, which may be ABSENT, and a second one; of an object that is the
    value of the field `within`."""
    for name in (f"{type_name}@{within}", type_name):
        if (given := VALUES.get((name, field.name))) is not None:
            return given
    return ABSENT, sample(field.shape)


def sample(shape: Shape) -> Any:
    """Some value of a shape that is not what absence means."""
    if shape.form is Form.LIST:
        assert shape.item is not None
        return [sample(shape.item)]
    if shape.form is Form.MAP:
        assert shape.item is not None
        return {"cpu" if shape.item.form is Form.QUANTITY else "a": sample(shape.item)}
    if shape.target is not None:
        return {"matchLabels": {"app": "x"}} if shape.target.name in WHOLE else {}
    if shape.choices:
        return shape.choices[-1]
    return _BY_FORM[shape.form]


def around(type_: TypeSchema, field: Field, within: str = "") -> dict[str, Any]:
    """What an object of a type, which is in the field `within`, has besides `field`."""
    given = AROUND.get(f"{type_.name}@{within}", AROUND.get(type_.name, {}))
    made = deepcopy(given) | deepcopy(BESIDE.get((type_.name, field.name), {}))
    if within == "initContainers" and field.name in _OF_SIDECARS:
        made["restartPolicy"] = "Always"
    for needed in type_.fields.values():
        if needed.required and needed.name not in made:
            made[needed.name] = sample(needed.shape)
    group = ONE_OF.get(type_.name, set())
    if field.name in group:
        made = {k: v for k, v in made.items() if k not in group}
    return made

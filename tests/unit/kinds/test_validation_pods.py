"""Validation of containers and their probes, hooks, environment and resources."""

import pytest

from supervisor.model.meta import Object
from tests import kinds

HTTP: Object = {"httpGet": {"port": 80}}
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
    "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
    "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
ONE_HANDLER = "may not specify more than 1 handler type"
NEGATIVE = "must be greater than or equal to 0"
RANGE = "must be between 1 and 65535, inclusive"


def pod(**spec: object) -> Object:
    app = {"name": "app", "image": "kubia:1"}
    found: Object = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"containers": [app]} | spec,
    }
    kinds.complete("pods", found)
    return found


def wrong(obj: Object) -> list[str]:
    return [str(error) for error in kinds.on_create("pods", obj)]


def wrong_container(**fields: object) -> list[str]:
    """Errors in a pod with this container, with shortened paths."""
    container = {"name": "app", "image": "kubia:1"} | fields
    found = wrong(pod(containers=[container]))
    return [text.removeprefix("spec.containers[0].") for text in found]


#: One variable of each source.
ENVIRONMENT = [
    {"name": "A", "value": "b"},
    {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
    {
        "name": "L",
        "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}},
    },
    {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
    {
        "name": "M",
        "valueFrom": {
            "resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}
        },
    },
]


def test_a_valid_pod_has_no_errors() -> None:
    """A pod with all supported fields."""
    container = {
        "name": "app",
        "image": "kubia",
        "env": ENVIRONMENT,
        "envFrom": [{"prefix": "P_", "secretRef": {"name": "s"}}],
        "ports": [{"name": "http", "containerPort": 8080, "hostPort": 80}],
        "livenessProbe": {"httpGet": {"port": "http"}, "initialDelaySeconds": 15},
        "readinessProbe": {"exec": {"command": ["true"]}, "successThreshold": 2},
        "startupProbe": {"grpc": {"port": 80}},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
        "volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "a/b"}],
        "securityContext": {"runAsUser": 0},
    }
    sidecar = {"name": "side", "image": "x", "restartPolicy": "Always"}

    found = pod(
        containers=[container],
        initContainers=[sidecar | {"livenessProbe": HTTP}],
        volumes=[{"name": "v"}, {"name": "h", "hostPath": {"path": "/x"}}],
        tolerations=[{"operator": "Exists"}],
        nodeSelector={"disk": "ssd"},
        hostAliases=[{"ip": "1.2.3.4", "hostnames": ["a.b"]}],
        activeDeadlineSeconds=60,
        hostname="web",
    )

    assert wrong(found) == []


def test_pod_needs_containers() -> None:
    """At least one."""
    assert wrong(pod(containers=[])) == ["spec.containers: Required value"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, ["name: Required value"]),
        ({"name": "A_b"}, [f'name: Invalid value: "A_b": {LABEL}']),
        ({"name": "a.b"}, ['name: Invalid value: "a.b": must not contain dots']),
        ({"image": ""}, ["image: Required value"]),
        (
            {"image": " x"},
            [
                'image: Invalid value: " x": '
                "must not have leading or trailing whitespace"
            ],
        ),
        (
            {"imagePullPolicy": "Sometimes"},
            [
                'imagePullPolicy: Unsupported value: "Sometimes": '
                'supported values: "Always", "IfNotPresent", "Never"'
            ],
        ),
        (
            {"terminationMessagePolicy": "X"},
            [
                'terminationMessagePolicy: Unsupported value: "X": '
                'supported values: "File", "FallbackToLogsOnError"'
            ],
        ),
        (
            {"restartPolicy": "Always"},
            ["restartPolicy: Forbidden: may not be set for non-init containers"],
        ),
        ({"ports": [{}]}, ["ports[0].containerPort: Required value"]),
        (
            {"ports": [{"containerPort": 70000, "protocol": "ICMP"}]},
            [
                f"ports[0].containerPort: Invalid value: 70000: {RANGE}",
                'ports[0].protocol: Unsupported value: "ICMP": '
                'supported values: "SCTP", "TCP", "UDP"',
            ],
        ),
        (
            {
                "ports": [
                    {"name": "a", "containerPort": 1, "hostPort": 9},
                    {"name": "a", "containerPort": 2, "hostPort": 9},
                ]
            },
            [
                'ports[1].name: Duplicate value: "a"',
                'ports[1].hostPort: Duplicate value: "TCP//9"',
            ],
        ),
        (
            {"ports": [{"name": "1", "containerPort": 1}]},
            [
                'ports[0].name: Invalid value: "1": '
                "must contain at least one letter (a-z)"
            ],
        ),
        (
            {"volumeMounts": [{"name": "x", "mountPath": "/x"}]},
            ['volumeMounts[0].name: Not found: "x"'],
        ),
        (
            {"securityContext": {"runAsUser": -1}},
            [
                "securityContext.runAsUser: Invalid value: -1: "
                "must be between 0 and 2147483647, inclusive"
            ],
        ),
    ],
)
def test_errors_in_a_container(fields: Object, expected: list[str]) -> None:
    """With the path of the field and upstream's message."""
    assert wrong_container(**fields) == expected


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ({}, [": Required value: must specify a handler type"]),
        (
            HTTP | {"exec": {"command": ["x"]}, "tcpSocket": {"port": 1}},
            [
                f".httpGet: Forbidden: {ONE_HANDLER}",
                f".tcpSocket: Forbidden: {ONE_HANDLER}",
            ],
        ),
        ({"exec": {}}, [".exec.command: Required value"]),
        (
            {"httpGet": {"port": 0}},
            [f".httpGet.port: Invalid value: 0: {RANGE}"],
        ),
        (
            {"httpGet": {"port": "no_port", "scheme": "http"}},
            [
                '.httpGet.port: Invalid value: "no_port": must contain only '
                "alpha-numeric characters (a-z, 0-9), and hyphens (-)",
                '.httpGet.scheme: Unsupported value: "http": '
                'supported values: "HTTP", "HTTPS"',
            ],
        ),
        (
            {"httpGet": {"port": 1, "httpHeaders": [{"name": "a b"}]}},
            [
                '.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must '
                "consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', "
                "regex used for validation is '[-A-Za-z0-9]+')"
            ],
        ),
        (
            HTTP | {"periodSeconds": -1, "initialDelaySeconds": -2},
            [
                f".initialDelaySeconds: Invalid value: -2: {NEGATIVE}",
                f".periodSeconds: Invalid value: -1: {NEGATIVE}",
            ],
        ),
        (
            HTTP | {"successThreshold": 2},
            [".successThreshold: Invalid value: 2: must be 1"],
        ),
        (
            HTTP | {"terminationGracePeriodSeconds": 0},
            [
                ".terminationGracePeriodSeconds: Invalid value: 0: "
                "must be greater than 0"
            ],
        ),
    ],
)
def test_errors_in_a_liveness_probe(probe: Object, expected: list[str]) -> None:
    """Exactly one handler, and valid numbers."""
    found = wrong_container(livenessProbe=probe)

    assert [text.removeprefix("livenessProbe") for text in found] == expected


def test_readiness_probe_has_no_grace_period() -> None:
    """Its success threshold may be above 1."""
    probe = HTTP | {"successThreshold": 2, "terminationGracePeriodSeconds": 5}

    assert wrong_container(readinessProbe=probe) == [
        "readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: "
        "must not be set for readinessProbes"
    ]


def test_hook_may_sleep_no_longer_than_the_grace_period() -> None:
    """The pod would be killed before the preStop hook ends."""
    container = {"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}}

    assert wrong_container(**container) == [
        "lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less "
        "than terminationGracePeriodSeconds (30)"
    ]


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ({"name": ""}, ["name: Required value"]),
        (
            {"name": "a=b"},
            [
                'name: Invalid value: "a=b": a valid environment variable name must '
                "consist only of printable ASCII characters other than '='"
            ],
        ),
        (
            {"name": "a", "valueFrom": {}},
            [
                'valueFrom: Invalid value: "": must specify one of: `fieldRef`, '
                "`resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
            ],
        ),
        (
            {
                "name": "a",
                "value": "b",
                "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
            },
            [
                'valueFrom: Invalid value: "": '
                "may not be specified when `value` is not empty"
            ],
        ),
        (
            {"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "spec.tty['x']"}}},
            [
                'valueFrom.fieldRef: Invalid value: "spec.tty": '
                "does not support subscript"
            ],
        ),
        (
            {"name": "a", "valueFrom": {"secretKeyRef": {"name": "s", "key": ""}}},
            ["valueFrom.secretKeyRef.key: Required value"],
        ),
        (
            {
                "name": "a",
                "valueFrom": {
                    "resourceFieldRef": {"resource": "limits.cpu", "divisor": "1Mi"}
                },
            },
            [
                'valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only '
                "divisor's values 1m and 1 are supported with the cpu resource"
            ],
        ),
    ],
)
def test_errors_in_the_environment(variable: Object, expected: list[str]) -> None:
    """A variable has a name and at most one source."""
    found = wrong_container(env=[variable])

    assert [text.removeprefix("env[0].") for text in found] == expected


def test_unknown_field_of_the_pod_is_not_an_environment_variable() -> None:
    """The error lists the supported fields."""
    ref = {"fieldRef": {"fieldPath": "spec.image"}}

    [found] = wrong_container(env=[{"name": "a", "valueFrom": ref}])

    assert found.startswith(
        'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.image": '
        'supported values: "metadata.name", "metadata.namespace"'
    )


def test_source_of_an_environment_needs_a_name() -> None:
    """Of one ConfigMap or one Secret."""
    found = wrong_container(envFrom=[{}, {"configMapRef": {}}])

    assert found == [
        'envFrom[0]: Invalid value: "": '
        "must specify one of: `configMapRef` or `secretRef`",
        "envFrom[1].configMapRef.name: Required value",
    ]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (
            {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}},
            [
                'requests: Invalid value: "2": '
                "must be less than or equal to cpu limit of 1"
            ],
        ),
        ({"limits": {"cpu": "-1"}}, [f'limits[cpu]: Invalid value: "-1": {NEGATIVE}']),
        (
            {"limits": {"disk": 1}},
            [
                'limits[disk]: Invalid value: "disk": '
                "must be a standard resource type or fully qualified",
                'limits[disk]: Invalid value: "disk": '
                "must be a standard resource for containers",
            ],
        ),
        (
            {"requests": {"a.com/gpu": 1}},
            [
                "limits: Required value: "
                "Limit must be set for non overcommitable resources"
            ],
        ),
    ],
)
def test_errors_in_resources(resources: Object, expected: list[str]) -> None:
    """Requests are at most the limits; resource names are known."""
    obj = pod()
    obj["spec"]["containers"][0]["resources"] = resources

    found = [t.removeprefix("spec.containers[0].resources.") for t in wrong(obj)]

    assert found == expected

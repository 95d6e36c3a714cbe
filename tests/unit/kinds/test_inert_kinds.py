"""LimitRanges, ResourceQuotas and autoscalers are stored, and say they do not act."""

import pytest

from supervisor.kinds.all import CATALOG
from supervisor.model.meta import Object
from tests import kinds
from tests.odd_objects import minimal

LIMITS = "limitranges"
QUOTA = "resourcequotas"
AUTOSCALER = "horizontalpodautoscalers.autoscaling"
META: Object = {"name": "x", "namespace": "default"}


@pytest.mark.parametrize("resource", [LIMITS, QUOTA, AUTOSCALER])
def test_a_kind_that_does_not_act_says_so(resource: str) -> None:
    """By a warning, whenever one is written."""
    kind = CATALOG.kind(resource)

    [told] = kind.rules.warnings(minimal(kind))

    assert " yet" in told


def limit_range(*items: Object) -> Object:
    return {"metadata": dict(META), "spec": {"limits": list(items)}}


def test_limits_of_containers_fill_one_another_in() -> None:
    """The most is the default limit, and that the default request."""
    given = limit_range(
        {"type": "Container", "max": {"cpu": "1", "memory": "1Gi"}},
        {"type": "Pod", "max": {"cpu": "2"}},
    )

    first, second = kinds.read(LIMITS, given)["spec"]["limits"]

    assert first["default"] == first["defaultRequest"] == first["max"]
    assert "default" not in second


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"type": "Pod", "max": {"cpu": "1"}}], []),
        (
            [{"type": "Node"}],
            [
                'spec.limits[0].type: Invalid value: "Node": '
                "must be a standard limit type or fully qualified"
            ],
        ),
        (
            [{"type": "Pod"}, {"type": "Pod", "default": {"cpu": "1"}}],
            [
                'spec.limits[1].type: Duplicate value: "Pod"',
                "spec.limits[1].default: Forbidden: "
                "may not be specified when `type` is 'Pod'",
            ],
        ),
        (
            [{"type": "Pod", "min": {"cpu": "2"}, "max": {"cpu": "1"}}],
            [
                'spec.limits[0].min[cpu]: Invalid value: "2": '
                "min value 2 is greater than max value 1"
            ],
        ),
        (
            [{"type": "PersistentVolumeClaim"}],
            [
                "spec.limits[0].limits: Required value: either minimum or maximum "
                "storage value is required, but neither was provided"
            ],
        ),
    ],
)
def test_what_is_wrong_with_limits_is_named(
    items: list[Object], expected: list[str]
) -> None:
    """In upstream's words."""
    obj = kinds.read(LIMITS, limit_range(*items))

    assert [str(error) for error in kinds.on_create(LIMITS, obj)] == expected


def test_limits_are_shown_as_kubectl_does() -> None:
    """A row for each resource."""
    obj = limit_range({"type": "Pod", "max": {"cpu": "1"}})

    assert kinds.column_names(LIMITS) == "Name Created_At"
    assert kinds.described(LIMITS, obj) == (
        "Name:       x\n"
        "Namespace:  default\n"
        "Type        Resource  Min  Max  Default Request  Default Limit  "
        "Max Limit/Request Ratio\n"
        "----        --------  ---  ---  ---------------  -------------  "
        "-----------------------\n"
        "Pod         cpu       -    1    -                -              -\n"
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"hard": {"pods": "4", "requests.cpu": "1"}}, []),
        (
            {"hard": {"pods": "-1"}, "scopes": ["BestEffort", "NotBestEffort"]},
            [
                'spec.hard[pods]: Invalid value: "-1": '
                "must be greater than or equal to 0",
                'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: '
                "conflicting scopes",
            ],
        ),
        (
            {"scopes": ["Mine"]},
            ['spec.scopes: Invalid value: ["Mine"]: unsupported scope'],
        ),
    ],
)
def test_what_is_wrong_with_a_quota_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    obj = kinds.read(QUOTA, {"metadata": dict(META), "spec": spec})

    assert [str(error) for error in kinds.on_create(QUOTA, obj)] == expected


def test_a_quota_is_shown_as_kubectl_does() -> None:
    """Requests and limits apart."""
    status = {
        "hard": {"pods": "4", "limits.cpu": "2"},
        "used": {"pods": "1", "limits.cpu": "500m"},
    }
    obj = {"metadata": dict(META), "status": status}

    assert kinds.column_names(QUOTA) == "Name Request Limit Age"
    assert list(kinds.cells(QUOTA, obj, 0.0).values())[1:3] == [
        "pods: 1/4",
        "limits.cpu: 500m/2",
    ]
    assert kinds.described(QUOTA, obj) == (
        "Name:       x\n"
        "Namespace:  default\n"
        "Resource    Used  Hard\n"
        "--------    ----  ----\n"
        "limits.cpu  500m  2\n"
        "pods        1     4\n"
    )


def autoscaler(**spec: object) -> Object:
    target = {"kind": "Deployment", "name": "kubia", "apiVersion": "apps/v1"}
    whole = {"scaleTargetRef": target, "maxReplicas": 3} | spec
    return {"metadata": dict(META), "spec": whole}


CPU = {
    "type": "Resource",
    "resource": {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": 80},
    },
}


def test_an_autoscaler_looks_at_the_cpu() -> None:
    """One replica at least; a behavior is completed."""
    spec = kinds.read(AUTOSCALER, autoscaler(behavior={"scaleDown": {}}))["spec"]

    assert (spec["minReplicas"], spec["metrics"]) == (1, [CPU])
    assert spec["behavior"]["scaleUp"]["selectPolicy"] == "Max"
    assert len(spec["behavior"]["scaleUp"]["policies"]) == 2


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        (
            {"maxReplicas": 0, "minReplicas": 0},
            [
                "spec.minReplicas: Invalid value: 0: "
                "must be greater than or equal to 1",
                "spec.maxReplicas: Required value: must be set and greater than 0",
            ],
        ),
        (
            {"minReplicas": 4},
            [
                "spec.maxReplicas: Invalid value: 3: "
                "must be greater than or equal to `minReplicas`"
            ],
        ),
        (
            {"scaleTargetRef": {}},
            [
                "spec.scaleTargetRef.kind: Required value",
                "spec.scaleTargetRef.name: Required value",
            ],
        ),
        (
            {"metrics": [{"type": "Pods"}]},
            [
                "spec.metrics[0].pods: Required value: "
                "must populate information for the given metric source"
            ],
        ),
        (
            {"metrics": [{"type": "Moon"}]},
            [
                'spec.metrics[0].type: Unsupported value: "Moon": supported values: '
                '"ContainerResource", "External", "Object", "Pods", "Resource"'
            ],
        ),
    ],
)
def test_what_is_wrong_with_an_autoscaler_is_named(
    spec: Object, expected: list[str]
) -> None:
    """In upstream's words."""
    obj = kinds.read(AUTOSCALER, autoscaler(**spec))

    assert [str(error) for error in kinds.on_create(AUTOSCALER, obj)] == expected


def test_the_first_version_knows_only_the_cpu() -> None:
    """It keeps the rest in annotations."""
    memory: Object = {
        "type": "Resource",
        "resource": {
            "name": "memory",
            "target": {"type": "AverageValue", "averageValue": "1Gi"},
        },
    }
    given = autoscaler(targetCPUUtilizationPercentage=50)

    found = kinds.read(AUTOSCALER, given, "autoscaling/v1")
    found["spec"]["metrics"].insert(0, memory)
    shown = kinds.shown(AUTOSCALER, found, "autoscaling/v1")

    assert found["spec"]["metrics"][1]["resource"]["target"] == {
        "type": "Utilization",
        "averageUtilization": 50,
    }
    assert shown["spec"]["targetCPUUtilizationPercentage"] == 50
    assert "metrics" not in shown["spec"]
    assert kinds.read(AUTOSCALER, shown, "autoscaling/v1") == found


def test_the_beta_version_is_the_same() -> None:
    """In all but its name."""
    version = "autoscaling/v2beta2"
    stored = kinds.read(AUTOSCALER, autoscaler(), version)

    shown = kinds.shown(AUTOSCALER, stored, version)

    assert kinds.read(AUTOSCALER, shown, version) == stored


def test_an_autoscaler_is_shown_as_kubectl_does() -> None:
    """Nothing is known of its metrics."""
    obj = kinds.read(AUTOSCALER, autoscaler())

    assert kinds.column_names(AUTOSCALER) == (
        "Name Reference Targets MinPods MaxPods Replicas Age"
    )
    assert list(kinds.cells(AUTOSCALER, obj, 0.0).values()) == [
        "x", "Deployment/kubia", "cpu: <unknown>/80%", "1", 3, 0, "<unknown>",
    ]  # fmt: skip
    text = kinds.described(AUTOSCALER, obj)
    share = "(as a percentage of request)"
    assert f"  resource cpu on pods  {share}:  <unknown> / 80%\n" in text
    assert text.count("0 current / 0 desired\n") == 1

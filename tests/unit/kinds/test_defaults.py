"""Defaults match upstream."""

import pytest

from supervisor.model.defaults.containers import pull_policy
from supervisor.model.meta import Object
from tests import kinds


def complete(resource: str, obj: Object) -> Object:
    kinds.complete(resource, obj)
    return obj


def pod(**container: object) -> Object:
    app = {"name": "app", "image": "kubia:1"} | container
    return complete("pods", {"metadata": {"name": "p"}, "spec": {"containers": [app]}})


def app_of(pod: Object) -> Object:
    app: Object = pod["spec"]["containers"][0]
    return app


def test_pod_gets_the_defaults_of_upstream() -> None:
    """An image is sufficient."""
    assert pod()["spec"] == {
        "containers": [
            {
                "name": "app",
                "image": "kubia:1",
                "imagePullPolicy": "IfNotPresent",
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }
        ],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }


def test_defaults_are_idempotent() -> None:
    """Completing a complete pod changes nothing."""
    once = pod(livenessProbe={"httpGet": {"port": 8080}})

    assert complete("pods", defaults_copy(once)) == once


def defaults_copy(obj: Object) -> Object:
    return {**obj, "spec": {**obj["spec"]}}


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("kubia", "Always"),
        ("kubia:latest", "Always"),
        ("registry:5000/kubia", "Always"),
        ("registry:5000/kubia:v1", "IfNotPresent"),
        ("kubia:v1", "IfNotPresent"),
        ("kubia@sha256:0123", "IfNotPresent"),
        ("kubia:latest@sha256:0123", "Always"),
    ],
)
def test_image_is_always_pulled_when_its_tag_is_latest(image: str, policy: str) -> None:
    """No tag means latest; digests are not pulled again."""
    assert pull_policy(image) == policy


def test_explicit_zeros_of_a_probe_are_replaced() -> None:
    """Zero means unset, except for the initial delay."""
    numbers = ("timeoutSeconds", "periodSeconds", "successThreshold")
    probe = dict.fromkeys((*numbers, "failureThreshold", "initialDelaySeconds"), 0)

    found = app_of(pod(livenessProbe=probe | {"httpGet": {"port": 80}}))

    assert found["livenessProbe"] == {
        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
        "initialDelaySeconds": 0,
    }


def test_hooks_get_path_and_scheme_but_no_numbers() -> None:
    """The defaults of probes do not apply to hooks."""
    found = app_of(pod(lifecycle={"preStop": {"httpGet": {"port": "http"}}}))

    hook = found["lifecycle"]["preStop"]
    assert hook == {"httpGet": {"port": "http", "path": "/", "scheme": "HTTP"}}


def test_requests_default_to_limits_in_canonical_form() -> None:
    """Unless they are given."""
    limits = {"cpu": 0.5, "memory": "1024Mi"}

    found = app_of(pod(resources={"limits": limits, "requests": {"cpu": "0.1"}}))

    assert found["resources"] == {
        "limits": {"cpu": "500m", "memory": "1Gi"},
        "requests": {"cpu": "100m", "memory": "1Gi"},
    }


def test_bad_quantity_is_left_for_validation() -> None:
    """Setting defaults never fails."""
    found = app_of(pod(resources={"limits": {"cpu": "lots"}}))

    assert found["resources"]["limits"] == {"cpu": "lots"}


def test_ports_and_volumes_and_environment_are_completed() -> None:
    """Protocol TCP, emptyDir, v1; host ports with the host network."""
    variable = {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    app = {"name": "a", "image": "b", "ports": [{"containerPort": 80}]}
    volumes: list[Object] = [
        {"name": "v"},
        {"name": "h", "hostPath": {"path": "/x"}},
        {"name": "c", "configMap": {"name": "c"}},
    ]
    spec = {
        "hostNetwork": True,
        "containers": [app | {"env": [variable]}],
        "volumes": volumes,
    }

    found = complete("pods", {"spec": spec})["spec"]

    port = {"containerPort": 80, "hostPort": 80, "protocol": "TCP"}
    assert found["containers"][0]["ports"] == [port]
    assert variable["valueFrom"]["fieldRef"]["apiVersion"] == "v1"  # type: ignore[index]
    assert found["volumes"] == [
        {"name": "v", "emptyDir": {}},
        {"name": "h", "hostPath": {"path": "/x", "type": ""}},
        {"name": "c", "configMap": {"name": "c", "defaultMode": 0o644}},
    ]


def test_init_containers_are_completed_too() -> None:
    """Like other containers."""
    spec = {"initContainers": [{"name": "i", "image": "x"}], "containers": []}

    found = complete("pods", {"spec": spec})["spec"]["initContainers"][0]

    assert found["imagePullPolicy"] == "Always"


def test_nulls_count_as_absent() -> None:
    """kubectl sends nulls, which are not stored."""
    found = complete("pods", {"metadata": {"creationTimestamp": None}, "spec": None})

    assert found["metadata"] == {}
    assert found["spec"]["restartPolicy"] == "Always"


def test_replication_controller_takes_labels_and_selector_from_its_template() -> None:
    """One replica, selected by the labels of the template."""
    labels = {"app": "kubia"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": []}}

    rc = complete("replicationcontrollers", {"spec": {"template": template}})

    assert rc["metadata"]["labels"] == labels
    assert rc["spec"]["selector"] == labels
    assert rc["spec"]["replicas"] == 1
    assert rc["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    assert "enableServiceLinks" not in rc["spec"]["template"]["spec"]


def test_replication_controller_keeps_explicit_values() -> None:
    """Zero replicas, and a selector."""
    template = {"metadata": {"labels": {"app": "kubia", "x": "y"}}}
    spec = {"replicas": 0, "selector": {"app": "kubia"}, "template": template}

    rc = complete("replicationcontrollers", {"spec": spec})

    assert rc["spec"]["replicas"] == 0
    assert rc["spec"]["selector"] == {"app": "kubia"}


def test_secret_is_opaque_and_its_plain_text_is_encoded() -> None:
    """`stringData` overrides `data` and is not stored."""
    secret = {"stringData": {"a": "ä"}, "data": {"a": "eA==", "b": "eQ=="}}

    found = complete("secrets", secret)

    assert found["data"] == {"a": "w6Q=", "b": "eQ=="}
    assert found["type"] == "Opaque"
    assert "stringData" not in found


def test_namespace_has_a_label_with_its_name() -> None:
    """For label selectors of namespaces."""
    found = complete("namespaces", {"metadata": {"name": "dev"}})

    assert found["metadata"]["labels"] == {"kubernetes.io/metadata.name": "dev"}


def test_allocatable_defaults_to_capacity() -> None:
    """Unless the node sets it."""
    found = complete("nodes", {"status": {"capacity": {"cpu": "2"}}})

    assert found["status"]["allocatable"] == {"cpu": "2"}

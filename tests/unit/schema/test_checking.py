"""Unknown fields and wrong types, in upstream's words."""

from typing import Any

import pytest

from supervisor.model import schema
from supervisor.model.meta import Object
from supervisor.model.schema import Findings, TypeSchema


def kind(name: str) -> TypeSchema:
    found = schema.lookup("v1", name)
    assert found is not None
    return found


def checked(obj: Object, name: str = "Pod") -> Findings:
    return schema.check(obj, kind(name))


def errors(spec: Object) -> list[str]:
    return checked({"apiVersion": "v1", "kind": "Pod", "spec": spec}).type_errors


def container(**members: Any) -> Object:
    return {"containers": [{"name": "app", **members}]}


def test_a_right_object_has_no_findings() -> None:
    """Everything that upstream knows passes, numbers as quantities too."""
    obj = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "creationTimestamp": "2026-01-02T03:04:05Z"},
        "spec": {
            "affinity": {"podAntiAffinity": {}},
            **container(
                resources={"limits": {"cpu": 1.5, "memory": "64Mi"}},
                ports=[{"containerPort": 80}],
                livenessProbe={"httpGet": {"port": "http"}},
            ),
        },
    }

    assert checked(obj) == Findings()


def test_unknown_fields_are_named_with_their_path() -> None:
    """A misspelt field is found wherever it stands, with the list's index."""
    obj = {"spec": {"replica": 1, **container(imagee="x")}, "extra": 1}

    assert checked(obj).unknown == [
        "spec.replica",
        "spec.containers[0].imagee",
        "extra",
    ]


def test_keys_of_maps_are_not_fields() -> None:
    """Labels and resources may have any name."""
    meta = {"metadata": {"labels": {"any.thing/else": "x"}}}

    assert checked(meta | {"spec": {"overhead": {"gpu": 1}}}) == Findings()


def test_nulls_count_as_absent() -> None:
    """kubectl sends nulls; they are never of a wrong type."""
    obj = {
        "metadata": {"creationTimestamp": None, "labels": None},
        "spec": {"containers": [None], "nodeSelector": {"a": None}},
        "status": None,
    }

    assert checked(obj) == Findings()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"terminationGracePeriodSeconds": "5"},
            "string into Go struct field "
            "PodSpec.spec.terminationGracePeriodSeconds of type int64",
        ),
        (
            {"containers": {}},
            "object into Go struct field PodSpec.spec.containers "
            "of type []v1.Container",
        ),
        (
            container(ports=[{"containerPort": 2**31}]),
            "number 2147483648 into Go struct field "
            "ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            container(env=[{"name": "A", "value": 1}]),
            "number into Go struct field EnvVar.spec.containers.env.value "
            "of type string",
        ),
        (
            container(tty="yes"),
            "string into Go struct field Container.spec.containers.tty of type bool",
        ),
        (
            container(livenessProbe={"periodSeconds": 1.5}),
            "number 1.5 into Go struct field "
            "Probe.spec.containers.livenessProbe.periodSeconds of type int32",
        ),
        (
            container(livenessProbe={"periodSeconds": True}),
            "bool into Go struct field "
            "Probe.spec.containers.livenessProbe.periodSeconds of type int32",
        ),
        (
            {"restartPolicy": []},
            "array into Go struct field PodSpec.spec.restartPolicy "
            "of type v1.RestartPolicy",
        ),
        (
            {"nodeSelector": "a=b"},
            "string into Go struct field PodSpec.spec.nodeSelector "
            "of type map[string]string",
        ),
    ],
)
def test_wrong_types_read_as_upstreams(spec: Object, words: str) -> None:
    """The message is that of Go's JSON decoder."""
    assert errors(spec) == [f"json: cannot unmarshal {words}"]


def test_a_wrong_top_level_is_named_by_its_kind() -> None:
    """A spec that is a list is a field of the kind itself."""
    assert checked({"spec": []}).type_errors == [
        "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec"
    ]


def test_malformed_text_names_its_path() -> None:
    """Quantities, times, ports and base64 name the place besides upstream's words."""
    limits = container(resources={"limits": {"cpu": "abc"}})
    port = container(livenessProbe={"httpGet": {"port": True}})

    assert errors(limits)[0].endswith("(spec.containers[0].resources.limits.cpu)")
    assert errors(port) == [
        "json: cannot unmarshal bool into Go value of type int32 "
        "(spec.containers[0].livenessProbe.httpGet.port)"
    ]
    assert checked({"data": {"a": "%"}}, "Secret").type_errors == [
        "illegal base64 data at input byte 0 (data.a)"
    ]


def test_unknown_fields_can_be_dropped() -> None:
    """What the type does not have goes, at every depth; the rest stays."""
    obj = {"x": 1, "spec": {"y": 1, **container(z=1, image="a")}}

    schema.drop_unknown(obj, kind("Pod"))

    assert obj == {"spec": {"containers": [{"name": "app", "image": "a"}]}}


def test_dropping_leaves_values_of_wrong_types_alone() -> None:
    """Wrong types are for `check` to report, not for a crash here."""
    obj: Object = {"spec": {"containers": "none", "nodeSelector": [], "volumes": [1]}}

    schema.drop_unknown(obj, kind("Pod"))

    assert obj["spec"] == {"containers": "none", "nodeSelector": [], "volumes": [1]}

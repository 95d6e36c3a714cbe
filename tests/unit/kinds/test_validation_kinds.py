"""Validation of other kinds."""

import base64

import pytest

from supervisor.kinds import scale
from supervisor.kinds.parts import metadata_rules
from supervisor.kinds.pods import validation as pods
from supervisor.model.meta import Object
from tests import kinds

META: Object = {"name": "x", "namespace": "default"}
LABELS = {"app": "kubia"}


def created(resource: str, **obj: object) -> list[str]:
    found: Object = {"metadata": dict(META)} | obj
    kinds.complete(resource, found)
    return [str(error) for error in kinds.on_create(resource, found)]


def updated(resource: str, new: Object, old: Object) -> list[str]:
    new, old = {"metadata": META} | new, {"metadata": META} | old
    return [str(error) for error in kinds.on_update(resource, new, old)]


def template(**spec: object) -> Object:
    containers = [{"name": "app", "image": "kubia:1"}]
    meta = {"labels": LABELS}
    return {"metadata": meta, "spec": {"containers": containers} | spec}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"template": template()}, []),
        ({}, ["spec.selector: Required value", "spec.template: Required value"]),
        (
            {"replicas": -1, "template": template()},
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
        ),
        (
            {"selector": {"app": "other"}, "template": template()},
            [
                'spec.template.metadata.labels: Invalid value: {"app":"kubia"}: '
                "`selector` does not match template `labels`"
            ],
        ),
        (
            {"template": template(restartPolicy="OnFailure")},
            [
                'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": '
                'supported values: "Always"'
            ],
        ),
        (
            {"template": template(activeDeadlineSeconds=5)},
            [
                "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                "activeDeadlineSeconds in ReplicationController is not Supported"
            ],
        ),
        (
            {"template": template(containers=[])},
            ["spec.template.spec.containers: Required value"],
        ),
    ],
)
def test_errors_in_a_replication_controller(spec: Object, expected: list[str]) -> None:
    """The selector matches the template, whose pods always restart."""
    assert created("replicationcontrollers", spec=spec) == expected


def test_selector_of_a_replication_controller_may_change() -> None:
    """This is how pods are released."""
    changed = template()
    changed["metadata"]["labels"] = {"app": "new"}
    old: Object = {"metadata": META, "spec": {"template": template()}}
    new: Object = {"metadata": META, "spec": {"template": changed}}
    for rc in (old, new):
        rc["metadata"] = dict(META)
        kinds.complete("replicationcontrollers", rc)

    assert new["spec"]["selector"] != old["spec"]["selector"]
    assert updated("replicationcontrollers", new, old) == []


def test_counts_in_a_status_are_consistent() -> None:
    """There cannot be more ready pods than pods."""
    new = {"metadata": META, "status": {"replicas": 1, "readyReplicas": 2}}

    found = kinds.on_status_update("replicationcontrollers", new, new)

    assert [str(error) for error in found] == [
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"
    ]


def test_scale_is_not_negative() -> None:
    """The number of replicas is at least 0."""
    assert scale.validate_replicas(0) == []
    assert [str(e) for e in scale.validate_replicas(-3)] == [
        "spec.replicas: Invalid value: -3: must be greater than or equal to 0"
    ]


def test_binding_needs_a_node() -> None:
    """A pod can be bound only to a node."""
    assert pods.check_binding({"target": {"kind": "Node", "name": "n"}}) == []
    assert [str(e) for e in pods.check_binding({"target": {"kind": "Pod"}})] == [
        'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
        "target.name: Required value",
    ]


def test_namespace_name_is_a_dns_label() -> None:
    """It becomes part of DNS names."""
    found = created("namespaces", metadata={"name": "a.b", "namespace": "c"})

    assert found == [
        'metadata.name: Invalid value: "a.b": must not contain dots',
        "metadata.namespace: Forbidden: not allowed on this type",
    ]


def test_namespace_is_active_until_it_is_deleted() -> None:
    """Phase and deletionTimestamp must agree."""
    new = {"metadata": {"name": "a"}, "status": {"phase": "Terminating"}}

    [found] = kinds.on_status_update("namespaces", new, new)

    assert str(found) == (
        'status.Phase: Invalid value: "Terminating": '
        "may only be 'Active' if `deletionTimestamp` is empty"
    )


def test_taints_of_a_node_are_unique_and_have_an_effect() -> None:
    """A key may have several effects, each once."""
    taint = {"key": "a", "effect": "NoSchedule"}
    other = {"key": "a", "effect": "NoExecute"}

    found = created(
        "nodes",
        metadata={"name": "n"},
        spec={"taints": [taint, other, taint, {"key": "b"}]},
    )

    assert found == [
        'metadata.taints[2]: Duplicate value: {"key":"a","effect":"NoSchedule"}: '
        "taints must be unique by key and effect pair",
        "metadata.taints[3].effect: Required value",
    ]


def test_address_range_of_a_node_is_set_once() -> None:
    """Pods have addresses in it."""
    meta = {"metadata": {"name": "n"}}
    old = meta | {"spec": {"podCIDRs": ["10.0.0.0/24"]}}
    new = meta | {"spec": {"podCIDRs": ["10.0.1.0/24"]}}

    assert created("nodes", **(meta | {"spec": {"podCIDRs": ["10.0.0/24"]}})) == [
        'spec.podCIDRs[0]: Invalid value: "10.0.0/24": must be a valid CIDR value, '
        "(e.g. 10.9.8.0/24 or 2001:db8::/64)"
    ]
    assert updated("nodes", new, old) == [
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" '
        "to valid"
    ]


def test_keys_of_a_config_map_are_valid_file_names() -> None:
    """They are used as names of files and variables."""
    assert created("configmaps", data={"ok.key_1": ""}, binaryData={"b": "AA=="}) == []
    assert created("configmaps", data={"..": "", "a": ""}, binaryData={"a": ""}) == [
        "data[..]: Invalid value: \"..\": must not be '..'",
        'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ]
    [found] = created("configmaps", data={"a b": ""})
    assert found.startswith('data[a b]: Invalid value: "a b": a valid config key must')


def test_config_map_and_secret_are_limited_to_one_mebibyte() -> None:
    """As upstream."""
    text = "x" * (2**20 + 1)
    encoded = base64.b64encode(text.encode()).decode()

    assert created("configmaps", data={"a": text}) == [
        ": Too long: may not be more than 1048576 bytes"
    ]
    assert created("secrets", data={"a": encoded}) == [
        "data: Too long: may not be more than 1048576 bytes"
    ]


def test_contents_of_secrets_are_not_in_messages() -> None:
    """Errors contain the key, never the value."""
    [found] = created("secrets", data={"a": "hunter2!"})

    assert found.startswith('data[a]: Invalid value: "<contents redacted>"')


@pytest.mark.parametrize("resource", ["configmaps", "secrets"])
def test_immutable_data_never_changes(resource: str) -> None:
    """It cannot be made mutable again; labels can change."""
    old = {"immutable": True, "data": {"a": "eA=="}}

    labelled = old | {"metadata": META | {"labels": {"a": "b"}}}
    assert updated(resource, labelled, old) == []
    assert updated(resource, {"data": {"a": "eQ=="}}, old) == [
        "immutable: Forbidden: field is immutable when `immutable` is set",
        "data: Forbidden: field is immutable when `immutable` is set",
    ]


@pytest.mark.parametrize(
    ("kind", "data", "missing"),
    [
        ("Opaque", {}, []),
        ("example.com/own", {}, []),
        ("kubernetes.io/tls", {"tls.crt": ""}, ["data[tls.key]"]),
        ("kubernetes.io/basic-auth", {}, ["data[username]", "data[password]"]),
        ("kubernetes.io/basic-auth", {"username": ""}, []),
        ("kubernetes.io/ssh-auth", {"ssh-privatekey": ""}, ["data[ssh-privatekey]"]),
        ("kubernetes.io/dockerconfigjson", {}, ["data[.dockerconfigjson]"]),
        ("kubernetes.io/dockerconfigjson", {".dockerconfigjson": "e30="}, []),
        (
            "kubernetes.io/dockerconfigjson",
            {".dockerconfigjson": "eA=="},
            ["data[.dockerconfigjson]"],
        ),
        (
            "kubernetes.io/service-account-token",
            {},
            ["metadata.annotations[kubernetes.io/service-account.name]"],
        ),
    ],
)
def test_type_of_a_secret_requires_its_keys(
    kind: str, data: dict[str, str], missing: list[str]
) -> None:
    """Pods that mount it rely on them."""
    found = created("secrets", type=kind, data=data)

    assert [text.partition(": ")[0] for text in found] == missing


def test_type_of_a_secret_never_changes() -> None:
    """Its keys were validated at creation."""
    found = updated("secrets", {"type": "b"}, {"type": "a"})

    assert found == ['type: Invalid value: "b": field is immutable']


@pytest.mark.parametrize(
    ("namespace", "about", "right"),
    [
        ("default", "default", True),
        ("default", "", True),
        ("dev", "", False),
        ("dev", "default", False),
    ],
)
def test_event_is_in_the_namespace_of_its_object(
    namespace: str, about: str, right: bool
) -> None:
    """Events about cluster-scoped objects are in the default namespace."""
    found = created(
        "events",
        metadata={"name": "e", "namespace": namespace},
        involvedObject={"namespace": about},
    )

    mistake = (
        f'involvedObject.namespace: Invalid value: "{about}": '
        "does not match event.namespace"
    )
    assert found == ([] if right else [mistake])


def test_lease_duration_is_positive() -> None:
    """As upstream."""
    found = created(
        "leases.coordination.k8s.io",
        spec={"leaseDurationSeconds": 0, "leaseTransitions": -1},
    )

    assert found == [
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
        "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
    ]


def test_metadata_of_every_kind_is_validated() -> None:
    """Also of kinds without other rules."""
    rules = metadata_rules(namespaced=False)
    [found] = [str(e) for e in rules.create({"metadata": {"name": "A"}})]

    assert found.startswith('metadata.name: Invalid value: "A": a lowercase RFC 1123')


def test_event_with_event_time_needs_a_reporter() -> None:
    """And an action and a reason."""
    found = created("events", eventTime="2026-01-01T00:00:00.000000Z")

    assert found == [
        "reportingController: Required value",
        "reportingInstance: Required value",
        "action: Required value",
        "reason: Required value",
    ]

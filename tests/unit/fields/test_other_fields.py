"""Every field of a controller and of a node has an effect, or is warned about."""

from copy import deepcopy
from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock
from tests.unit.controllers.build import node_object
from tests.unit.controllers.cluster import Cluster
from tests.unit.fields import generating, observing, samples
from tests.unit.fields.generating import Way
from tests.unit.fields.test_pod_fields import WAYS, completed

POD = {"containers": [{"name": "app", "image": "img:1"}]}
TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": POD}
BY_DESIGN = {
    "providerID": "only shown, in Kubernetes as well",
    "taints[].timeAdded": "tolerations run from when the taint is seen",
}


def of(kind: str) -> dict[str, Way]:
    type_ = schema.lookup("v1", kind)
    assert type_ is not None
    spec = generating.target_of(type_.fields["spec"].shape)
    assert spec is not None
    found = {generating.title(way): way for way in generating.ways(spec)}
    return {
        name: way for name, way in found.items() if not name.startswith("template.")
    }


def warnings(resource: str, body: Object) -> list[str]:
    """What the API says of an object; raises ApiError if it refuses it."""
    options = WriteOptions(dry_run=True)
    namespace = "" if resource == "nodes" else "default"
    api = Registry(SqliteStore(":memory:"), FakeClock())
    api.create(resource, deepcopy(body), namespace, options)
    return options.warnings


def controller(spec: Object) -> Object:
    meta = {"name": "rc"}
    kind = "ReplicationController"
    whole = {"selector": {"app": "x"}, "replicas": 1, "template": deepcopy(TEMPLATE)}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, "spec": whole | spec}


def replicated(spec: Object) -> list[Any]:
    """The pods that a controller makes, and its status as they become ready."""
    cluster = Cluster("replication")
    cluster.create("replicationcontrollers", controller(spec), "default")
    cluster.settle()
    shown: list[Any] = []
    pods = cluster.api.list("pods", "default").items
    for pod in pods:
        shown.append(pod["metadata"]["labels"])
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": None}
        ready["lastTransitionTime"] = pod["metadata"]["creationTimestamp"]
        status = {"status": {"phase": "Running", "conditions": [ready]}}
        cluster.api.patch(
            "pods", pod["metadata"]["name"], "default", status, subresource="status"
        )
    for _ in range(4):
        cluster.advance(3)
        rc = cluster.api.get("replicationcontrollers", "rc", "default")
        shown.append(rc.get("status"))
    return shown


@pytest.mark.parametrize("name", of("ReplicationController"))
def test_no_field_of_a_controller_is_ignored(name: str) -> None:
    """Replicas, selector and the time that a pod has to be ready."""
    values: dict[str, tuple[Any, Any]] = {
        "replicas": (1, 2),
        "minReadySeconds": (0, 7),
        "selector": ({"app": "x"}, {"app": "x", "more": "y"}),
    }
    before, after = values[name]
    if name == "selector":
        labels = {"app": "x", "more": "y"}
        both = {"template": {"metadata": {"labels": labels}, "spec": POD}}
        assert refuses(controller(both | {"selector": {"app": "z"}}))
        return
    assert replicated({name: before}) != replicated({name: after})


def refuses(body: Object) -> bool:
    try:
        warnings("replicationcontrollers", body)
    except ApiError as error:
        return "selector" in str(error)
    return False


@pytest.mark.parametrize("name", WAYS)
def test_templates_are_warned_about_like_pods(name: str) -> None:
    """A controller is told the same of its template as a pod of itself."""
    spec = completed(generating.pair(WAYS[name])[1], WAYS[name])
    told, refused = observing.admitted(spec)
    if refused:
        return
    template = {"metadata": {"labels": {"app": "x"}}, "spec": spec}
    try:
        of_controller = warnings(
            "replicationcontrollers", controller({"template": template})
        )
    except Exception:  # noqa: BLE001 - what a template may not have is not ignored
        return
    assert of_controller == [f"spec.template.{text}" for text in told]


def on_a_node(spec: Object) -> list[Any]:
    """Where a pod goes, and what becomes of one that is there."""
    cluster = Cluster("scheduler", "taint-eviction")
    node = node_object("one")
    node["spec"] = deepcopy(spec)
    cluster.create("nodes", node)
    here = observing.pod(POD | {"nodeName": "one"})
    cluster.create("pods", here, "default")
    new = observing.pod(POD | {"tolerations": [{"key": "a", "effect": "NoSchedule"}]})
    new["metadata"]["name"] = "new"
    cluster.create("pods", new, "default")
    cluster.advance(5)
    pods = cluster.api.list("pods", "default").items
    return [
        (p["spec"].get("nodeName"), "deletionTimestamp" in p["metadata"]) for p in pods
    ] + cluster.events()


@pytest.mark.parametrize("name", of("Node"))
def test_no_field_of_a_node_is_ignored(name: str) -> None:
    """Taints and cordons count; networks of pods are not ours to give out."""
    values = {
        "podCIDRs[]": (samples.ABSENT, ["192.0.2.0/24"]),
        "taints[].key": ("a", "b"),
        "taints[].value": (samples.ABSENT, "b"),
        "taints[].effect": ("NoSchedule", "NoExecute"),
    }
    way = of("Node")[name]
    first, second = values.get(name, generating.pair(way))
    if name in values:
        first, second = (generating.with_value(way, v) for v in (first, second))
    for spec in (first, second):
        for taint in spec.get("taints", []):
            taint.setdefault("key", "a")
            if taint.get("effect") not in ("NoSchedule", "NoExecute"):
                taint["effect"] = "NoSchedule"
    told = warnings("nodes", node_object("one") | {"spec": second})
    plain = name.replace("[]", "[0]")
    is_told = any(f"spec.{plain}.".startswith(t.partition(":")[0]) for t in told)
    differs = on_a_node(first) != on_a_node(second)
    assert (is_told or differs) != (name in BY_DESIGN), name

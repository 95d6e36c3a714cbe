"""What wakes the scheduler for pods that fit nowhere: what may help, and nothing else.

Each case is a cluster of the node `one`, in which the pod `late` fits nowhere, and one
change that makes it fit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from supervisor.client.base import Client, DeleteOptions, PatchType
from supervisor.controllers.guarded import Guarded
from supervisor.controllers.scheduler import Scheduler
from supervisor.controllers.scheduling.changes import Change
from supervisor.controllers.scheduling.filters import FILTERS
from supervisor.model.images import UNREACHABLE_REGISTRIES
from supervisor.model.meta import Object
from tests.unit.controllers.build import node_object
from tests.unit.controllers.cluster import Cluster
from tests.unit.controllers.scheduling.judging import HOST, far, labels, near, spread

TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
TOLERATE = [
    {"op": "add", "path": "/spec/tolerations/-", "value": {"operator": "Exists"}}
]
ROOMY = {"cpu": "8", "memory": "8Gi", "pods": "110"}


def pod(name: str, *, app: str = "", **spec: object) -> Object:
    containers = [{"name": "app", "image": "luksa/kubia:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {"app": app} if app else {},
        },
        "spec": {"containers": containers} | spec,
    }


def asking(name: str, cpu: str) -> Object:
    requests = {"resources": {"requests": {"cpu": cpu}}}
    return pod(name, containers=[{"name": "app", "image": "x:1"} | requests])


def with_port(name: str) -> Object:
    ports = {"ports": [{"containerPort": 80, "hostPort": 80}]}
    return pod(name, containers=[{"name": "app", "image": "x:1"} | ports])


def never(name: str, image: str) -> Object:
    app = {"name": "app", "image": image, "imagePullPolicy": "Never"}
    return pod(name, containers=[app])


# -- changes
Act = Callable[[Cluster], object]


def patch_node(patch: Object, name: str = "one", status: bool = False) -> Act:
    where = "status" if status else ""
    return lambda c: c.api.patch("nodes", name, "", patch, subresource=where)


def patch_pod(patch: Object, name: str = "late", status: bool = False) -> Act:
    where = "status" if status else ""
    return lambda c: c.api.patch("pods", name, "default", patch, subresource=where)


def delete_pod(name: str, grace: int = 0) -> Act:
    options = DeleteOptions(grace_period_seconds=grace)
    return lambda c: c.api.delete("pods", name, "default", options)


def ready(status: str) -> Act:
    condition = {"type": "Ready", "status": status}
    return patch_node({"status": {"conditions": [condition]}}, status=True)


@dataclass(frozen=True)
class Case:
    late: Object
    helps: Act
    node: Object = field(default_factory=lambda: node_object("one"))
    others: tuple[Object, ...] = ()
    """Nodes and pods that are there before `late`; pods get onto their nodes."""


def spread_case(helps: Act) -> Case:
    """One of two hosts has two pods and the other, which is full, none."""
    return Case(
        pod("late", app="kubia", topologySpreadConstraints=[spread(HOST)]),
        helps,
        node_object("one", labels={HOST: "one"}),
        (
            node_object("two", labels={HOST: "two"}, pods="0"),
            pod("a", app="kubia"),
        ),
    )


GREEN: dict[str, Any] = {"nodeSelector": {"color": "green"}}
HERE = {HOST: "one"}
CASES = {
    "a node comes": Case(
        pod("late", **GREEN),
        lambda c: c.create("nodes", node_object("two", labels={"color": "green"})),
    ),
    "a node is uncordoned": Case(
        pod("late"),
        patch_node({"spec": {"unschedulable": False}}),
        node_object("one", unschedulable=True),
    ),
    "a taint is taken off": Case(
        pod("late"),
        patch_node({"spec": {"taints": []}}),
        node_object("one", taints=[TAINT]),
    ),
    "a node is ready": Case(
        pod("late"), ready("True"), node_object("one", ready="False")
    ),
    "a node gets a label": Case(
        pod("late", **GREEN), patch_node({"metadata": {"labels": {"color": "green"}}})
    ),
    "a node offers more": Case(
        asking("late", "6"), patch_node({"status": {"allocatable": ROOMY}}, status=True)
    ),
    "a pod is deleted": Case(
        asking("late", "3"), delete_pod("a"), others=(asking("a", "3"),)
    ),
    "a pod finishes": Case(
        asking("late", "3"),
        patch_pod({"status": {"phase": "Succeeded"}}, "a", status=True),
        others=(asking("a", "3"),),
    ),
    "a port is freed": Case(
        with_port("late"), delete_pod("a"), others=(with_port("a"),)
    ),
    "an image arrives": Case(
        never("late", "app:1"),
        patch_node(
            {"status": {"images": [{"names": ["app:1"], "sizeBytes": 1}]}}, status=True
        ),
        others=(node_object("two"),),
    ),
    "company comes": Case(
        pod("late", affinity=near(labels(app="leader"))),
        lambda c: c.create("pods", pod("leader", app="leader")),
        node_object("one", labels=HERE),
    ),
    "a pod gets the label that is wanted near": Case(
        pod("late", affinity=near(labels(app="leader"))),
        patch_pod({"metadata": {"labels": {"app": "leader"}}}, "a"),
        node_object("one", labels=HERE),
        (pod("a"),),
    ),
    "a pod loses the label that is wanted far": Case(
        pod("late", affinity=far(labels(app="rival"))),
        patch_pod({"metadata": {"labels": {"app": "friend"}}}, "a"),
        node_object("one", labels=HERE),
        (pod("a", app="rival"),),
    ),
    "a pod that wants others far leaves": Case(
        pod("late", app="rival"),
        delete_pod("a"),
        node_object("one", labels=HERE),
        (pod("a", affinity=far(labels(app="rival"))),),
    ),
    "a pod that counts for the spread goes": spread_case(delete_pod("a")),
    "a pod that counts for the spread is going": spread_case(delete_pod("a", 30)),
    "a domain of the spread goes": spread_case(
        lambda c: c.api.delete("nodes", "two", "", DeleteOptions())
    ),
    "the pod tolerates more": Case(
        pod("late"),
        lambda c: c.api.patch("pods", "late", "default", TOLERATE, PatchType.JSON),
        node_object("one", taints=[TAINT]),
    ),
}


def refused(case: Case) -> Cluster:
    cluster = Cluster("scheduler")
    cluster.create("nodes", case.node)
    for other in case.others:
        cluster.create("pods" if other["kind"] == "Pod" else "nodes", other)
        cluster.settle()
    cluster.create("pods", case.late)
    cluster.settle()
    assert "nodeName" not in late(cluster)["spec"], "it fits from the start"
    return cluster


def late(cluster: Cluster) -> Object:
    return cluster.api.get("pods", "late", "default")


@pytest.mark.parametrize("name", CASES)
def test_a_change_that_helps_is_acted_on_at_once(name: str) -> None:
    """After the pause of one second since the last try."""
    case = CASES[name]
    cluster = refused(case)
    cluster.advance(60)
    case.helps(cluster)

    cluster.settle()

    assert late(cluster)["spec"].get("nodeName")


def test_a_registry_that_answers_again_is_a_change() -> None:
    """A node that may pull from it may take the pod."""
    cluster = Cluster("scheduler")
    silent = {UNREACHABLE_REGISTRIES: "docker.io"}
    one = node_object("one")
    one["metadata"]["annotations"] = silent
    two = node_object("two", unschedulable=True)
    two["status"]["images"] = [{"names": ["luksa/kubia:1"], "sizeBytes": 1}]
    cluster.create("nodes", one)
    cluster.create("nodes", two)
    cluster.create("pods", pod("late"))
    cluster.settle()
    assert "nodeName" not in late(cluster)["spec"]

    cluster.advance(60)
    patch = {"metadata": {"annotations": {UNREACHABLE_REGISTRIES: None}}}
    cluster.api.patch("nodes", "one", "", patch)
    cluster.settle()

    assert late(cluster)["spec"]["nodeName"] == "one"


BEAT = {
    "status": {
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "lastHeartbeatTime": "2026-01-02T04:00:00Z",
            }
        ]
    }
}
USELESS = {
    "a heartbeat": patch_node(BEAT, status=True),
    "an annotation": patch_node({"metadata": {"annotations": {"a.b/c": "d"}}}),
    "a label, for a pod without room": patch_node({"metadata": {"labels": {"a": "b"}}}),
    "a cordon": patch_node({"spec": {"unschedulable": True}}),
    "a taint": patch_node({"spec": {"taints": [TAINT]}}),
    "less room": patch_node(
        {"status": {"allocatable": ROOMY | {"cpu": "1"}}}, status=True
    ),
    "a status of a pod that runs": patch_pod(
        {"status": {"phase": "Running"}}, "a", status=True
    ),
    "a label of a pod that runs": patch_pod({"metadata": {"labels": {"b": "c"}}}, "a"),
    "a status of a pod that waits": patch_pod(
        {"status": {"message": "still"}}, status=True
    ),
}


@pytest.mark.parametrize("name", USELESS)
def test_a_change_that_cannot_help_is_not_looked_at(name: str) -> None:
    """Nothing is read or written for it; only the last resort is armed."""
    cluster = refused(Case(asking("late", "6"), lambda _: None, others=(pod("a"),)))
    cluster.advance(1)
    due = cluster.clock.next_at()
    USELESS[name](cluster)

    heard = [cluster._hear(resource) for resource in cluster._cursors]

    assert any(heard)
    assert not cluster.switchboard.step()
    assert cluster.clock.next_at() == due


def test_many_pods_that_wait_cost_nothing_while_nothing_changes() -> None:
    """No look and no write within a minute, though they were refused one by one."""
    cluster = Cluster("scheduler")
    cluster.create("nodes", node_object("one"))
    for number in range(60):
        cluster.create("pods", asking(f"p{number}", "6"))
        cluster.advance(1)
    cluster.advance(1)
    version = cluster.store.revision()

    first = cluster.clock.next_at()
    assert first is not None
    assert first >= cluster.clock.now() + 200
    assert cluster.store.revision() == version


def test_pods_refused_one_by_one_are_retried_together() -> None:
    """The last resort takes all whose turn is near: few looks for many pods."""
    cluster = Cluster("scheduler")
    cluster.create("nodes", node_object("one"))
    for number in range(60):
        cluster.create("pods", asking(f"p{number}", "6"))
        cluster.advance(1)
    looks = 0
    until = cluster.clock.now() + 300
    while (due := cluster.clock.next_at()) is not None and due <= until:
        looks += 1
        cluster.clock.advance_to(due)
        cluster.settle()

    assert looks <= 5


def test_a_lost_change_costs_five_minutes() -> None:
    """The last resort finds what no event has told of."""
    cluster = refused(CASES["a taint is taken off"])
    CASES["a taint is taken off"].helps(cluster)
    cluster._cursors["nodes"].poll()  # the event is lost

    cluster.advance(298)
    assert "nodeName" not in late(cluster)["spec"]
    cluster.advance(3)
    assert late(cluster)["spec"]["nodeName"] == "one"


def test_a_write_that_fails_is_tried_again() -> None:
    """Even though no event tells of the pod any more."""
    cluster = Cluster("scheduler")
    (guarded,) = cluster.rules
    assert isinstance(guarded, Guarded)
    scheduler = guarded.rule
    assert isinstance(scheduler, Scheduler)
    cluster.create("nodes", node_object("one"))
    cluster.create("pods", pod("late"))
    bind, failures = cluster.api.bind, iter([True])

    def failing(name: str, namespace: str, node: str) -> None:
        if next(failures, False):
            raise OSError("the disk is full")
        bind(name, namespace, node)

    scheduler._client = cast(Client, _Binding(cluster, failing))
    cluster.advance(1)

    assert late(cluster)["spec"]["nodeName"] == "one"


class _Binding:
    """The API with another way to bind."""

    def __init__(self, cluster: Cluster, bind: Callable[[str, str, str], None]) -> None:
        self._api = cluster.api
        self.bind = bind

    def __getattr__(self, name: str) -> object:
        return getattr(self._api, name)


def test_every_kind_of_change_helps_some_filter() -> None:
    """Else it need not be told apart."""
    told = {change for _, helps in FILTERS for change in helps}
    assert told | {Change.NODE_CAME} == set(Change)

"""Pods with scheduling gates wait until all of these are removed."""

import pytest

from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.unit.controllers.build import node_object
from tests.unit.controllers.cluster import Cluster
from tests.unit.controllers.test_scheduler import condition, pod

GATES = [{"name": "example.com/quota"}, {"name": "example.com/data"}]


@pytest.fixture
def cluster() -> Cluster:
    """A scheduler with one node, and a gated pod."""
    made = Cluster("scheduler")
    made.create("nodes", node_object("one"))
    made.create("pods", pod("a", schedulingGates=GATES))
    made.settle()
    return made


def change(cluster: Cluster, **spec: object) -> Object:
    found: Object = cluster.api.get("pods", "a", "default")
    found["spec"] |= spec
    made = cluster.api.update("pods", found)
    cluster.settle()
    return made


def node_of(cluster: Cluster) -> str:
    return str(cluster.api.get("pods", "a", "default")["spec"].get("nodeName", ""))


def test_a_gated_pod_says_so_from_its_creation(cluster: Cluster) -> None:
    """Pending, with a condition, and without an event."""
    shown = condition(cluster, "a")
    assert (shown["status"], shown["reason"]) == ("False", "SchedulingGated")
    message = "Scheduling is blocked due to non-empty scheduling gates"
    assert shown["message"] == message
    assert cluster.api.get("pods", "a", "default")["status"]["phase"] == "Pending"
    assert node_of(cluster) == ""
    assert cluster.events() == []


def test_the_pod_is_placed_at_once_when_the_last_gate_is_gone(cluster: Cluster) -> None:
    """Removing one of two changes nothing."""
    change(cluster, schedulingGates=GATES[1:])
    assert node_of(cluster) == ""
    assert condition(cluster, "a")["reason"] == "SchedulingGated"

    change(cluster, schedulingGates=[])
    assert node_of(cluster) == "one"
    assert condition(cluster, "a")["status"] == "True"


def test_gates_can_only_be_removed(cluster: Cluster) -> None:
    """Adding one is refused with the field."""
    with pytest.raises(ApiError, match="only deletion is allowed"):
        change(cluster, schedulingGates=[*GATES, {"name": "example.com/more"}])


def test_a_gated_pod_cannot_be_bound(cluster: Cluster) -> None:
    """Not even by another scheduler."""
    with pytest.raises(ApiError, match=r"non-empty \.spec\.schedulingGates") as caught:
        cluster.api.bind("a", "default", "one")
    assert caught.value.code == 409


def test_a_gated_pod_may_ask_for_more_labels_of_its_node(cluster: Cluster) -> None:
    """What it asks for already stays."""
    change(cluster, nodeSelector={"disk": "ssd"})
    with pytest.raises(ApiError, match="only additions are allowed"):
        change(cluster, nodeSelector={"disk": "hdd"})

    change(cluster, schedulingGates=[])
    shown = condition(cluster, "a")
    assert shown["reason"] == "Unschedulable"
    with pytest.raises(ApiError, match="pod updates may not change fields"):
        change(cluster, nodeSelector={"disk": "ssd", "more": "x"})

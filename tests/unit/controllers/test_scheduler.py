"""The scheduler on the real API."""

from collections import Counter
from time import process_time

import pytest

from supervisor.model.meta import Object
from tests.unit.controllers.build import node_object, rc_object, requesting
from tests.unit.controllers.cluster import Cluster
from tests.unit.controllers.scheduling.judging import HOST, labels, near


@pytest.fixture
def cluster() -> Cluster:
    """A scheduler without nodes."""
    return Cluster("scheduler")


def pod(name: str, **spec: object) -> Object:
    containers = [{"name": "app", "image": "luksa/kubia"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": containers} | spec,
    }


def large(name: str) -> Object:
    return pod(name, containers=[c | {"image": "x"} for c in requesting(cpu="2")])


def condition(cluster: Cluster, name: str) -> Object:
    found = cluster.api.get("pods", name, "default")["status"]["conditions"]
    (scheduled,) = (c for c in found if c["type"] == "PodScheduled")
    return dict(scheduled)


def test_a_pod_is_bound_and_the_event_says_where(cluster: Cluster) -> None:
    """The pod gets its node and its condition."""
    cluster.create("nodes", node_object("one"))
    cluster.create("pods", pod("a"))

    cluster.settle()

    assert cluster.api.get("pods", "a", "default")["spec"]["nodeName"] == "one"
    assert condition(cluster, "a")["status"] == "True"
    assert cluster.events() == ["Scheduled Successfully assigned default/a to one x1"]


def test_a_pod_that_fits_nowhere_says_why_and_is_bound_when_it_fits(
    cluster: Cluster,
) -> None:
    """A change of a node is enough to look again, a second after the last look."""
    cluster.create("nodes", node_object("one", cpu="1"))
    cluster.create("pods", large("a"))
    cluster.settle()
    text = "0/1 nodes are available: 1 Insufficient cpu."
    shown = condition(cluster, "a")
    assert (shown["status"], shown["reason"]) == ("False", "Unschedulable")
    assert shown["message"] == text
    assert cluster.events() == [f"FailedScheduling {text} x1"]

    cluster.create("nodes", node_object("two", cpu="4"))
    cluster.settle()
    assert "nodeName" not in cluster.api.get("pods", "a", "default")["spec"]
    cluster.advance(1)

    assert cluster.api.get("pods", "a", "default")["spec"]["nodeName"] == "two"
    assert condition(cluster, "a")["status"] == "True"


def test_a_pod_that_ends_gives_room_to_one_that_waits(cluster: Cluster) -> None:
    """Finished and deleted pods wake the scheduler."""
    cluster.create("nodes", node_object("one", cpu="2"))
    first = cluster.create("pods", large("a"))
    cluster.settle()
    cluster.create("pods", large("b"))
    cluster.settle()
    assert "nodeName" not in cluster.api.get("pods", "b", "default")["spec"]

    cluster.set_status(first, phase="Succeeded")
    cluster.advance(1)

    assert cluster.api.get("pods", "b", "default")["spec"]["nodeName"] == "one"


def test_a_refusal_is_repeated_only_after_five_minutes(cluster: Cluster) -> None:
    """Other pods that come and go do not multiply the events."""
    cluster.create("nodes", node_object("one", cpu="1"))
    cluster.create("pods", large("a"))
    for name in ("b", "c", "d"):
        cluster.create("pods", pod(name))
        cluster.settle()
    refused = "FailedScheduling 0/1 nodes are available: 1 Insufficient cpu."
    assert cluster.events("FailedScheduling") == [f"{refused} x1"]

    cluster.advance(301)

    assert cluster.events("FailedScheduling") == [f"{refused} x2"]


def test_a_pod_that_waits_for_another_is_tried_when_that_one_comes(
    cluster: Cluster,
) -> None:
    """Pods matter to pods that are to be near them, and to no others."""
    cluster.create("nodes", node_object("one", labels={HOST: "one"}))
    cluster.create("pods", pod("follower", affinity=near(labels(app="leader"))))
    cluster.settle()
    text = "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."
    assert condition(cluster, "follower")["message"] == text

    leader = pod("leader")
    leader["metadata"]["labels"] = {"app": "leader"}
    cluster.create("pods", leader)
    cluster.advance(1)

    follower = cluster.api.get("pods", "follower", "default")
    assert follower["spec"]["nodeName"] == "one"


def test_the_labels_of_namespaces_are_looked_up(cluster: Cluster) -> None:
    """A namespace that gets the label brings its pods near."""
    cluster.create("nodes", node_object("one", labels={HOST: "one"}))
    cluster.create("pods", pod("leader"))
    reds = near({}, namespaceSelector=labels(team="red"))
    cluster.create("pods", pod("follower", affinity=reds))
    cluster.settle()
    assert condition(cluster, "follower")["status"] == "False"

    patch = {"metadata": {"labels": {"team": "red"}}}
    cluster.api.patch("namespaces", "default", "", patch)
    cluster.advance(1)

    assert condition(cluster, "follower")["status"] == "True"


def test_a_pod_that_fits_nowhere_leaves_the_scheduler_in_peace(
    cluster: Cluster,
) -> None:
    """Its own condition is no reason to try again; only the last resort is armed."""
    cluster.create("nodes", node_object("one", cpu="1"))
    for name in ("a", "b", "c"):
        cluster.create("pods", large(name))
    cluster.settle()

    assert cluster.clock.next_at() == cluster.clock.now() + 300


def test_pods_of_other_schedulers_are_left_alone(cluster: Cluster) -> None:
    """So are pods that name their node themselves."""
    cluster.create("nodes", node_object("one"))
    cluster.create("pods", pod("other", schedulerName="mine"))
    cluster.create("pods", pod("fixed", nodeName="elsewhere"))

    cluster.settle()

    assert "nodeName" not in cluster.api.get("pods", "other", "default")["spec"]
    fixed = cluster.api.get("pods", "fixed", "default")["spec"]["nodeName"]
    assert fixed == "elsewhere"
    assert cluster.events() == []


def test_ninety_pods_of_a_controller_are_spread_evenly_over_three_nodes() -> None:
    """From nothing to bound, in one go."""
    cluster = Cluster("scheduler", "replication")
    for name in ("one", "two", "three"):
        cluster.create("nodes", node_object(name))
    cluster.create("replicationcontrollers", rc_object(90), "default")

    cluster.settle()

    counts = Counter(pod["spec"]["nodeName"] for pod in cluster.pods())
    assert counts == {"one": 30, "two": 30, "three": 30}


def test_binding_ninety_pods_costs_less_than_a_second(cluster: Cluster) -> None:
    """Processor time of the whole way: reading, deciding, writing."""
    for name in ("one", "two", "three"):
        cluster.create("nodes", node_object(name))
    for number in range(90):
        cluster.create("pods", pod(f"p{number:02}"))
    scheduler = next(rule for rule in cluster.rules if rule.name == "scheduler")
    began = process_time()

    scheduler.reconcile("*")

    assert process_time() - began < 1
    assert all(pod["spec"].get("nodeName") for pod in cluster.pods())

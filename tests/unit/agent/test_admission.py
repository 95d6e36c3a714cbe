"""A pod that was bound past the scheduler is judged by its node, once."""

from typing import Any

from supervisor.model.meta import Object
from tests.fakes.agent import NODE, Node

HUGE = {"resources": {"requests": {"cpu": "1000"}}}


def api_node(node: Node, labels: dict[str, str], cpu: str = "2") -> None:
    """The Node object as an agent and its user have made it."""
    body: Object = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": {"kubernetes.io/arch": "x", **labels}},
    }
    node.api.create("nodes", body)
    amounts = {"cpu": cpu, "memory": "1Gi", "pods": "110"}
    status = {"status": {"capacity": amounts, "allocatable": amounts}}
    node.api.patch("nodes", NODE, "", status, subresource="status")


def told(node: Node, pod: str) -> tuple[Any, ...]:
    status = node.pod(pod)["status"]
    return tuple(status.get(k) for k in ("phase", "reason", "message"))


def test_a_pod_that_asks_for_too_much_ends_as_failed(node: Node) -> None:
    """With the kubelet's reason and message, an event, and nothing on the engine."""
    api_node(node, {})
    node.run("web", {"name": "app", **HUGE})

    text = "Node didn't have enough resource: cpu, requested: 1000000, used: 0, "
    text += "capacity: 2000"
    assert told(node, "web") == ("Failed", "OutOfcpu", f"Pod was rejected: {text}")
    assert node.events("OutOfcpu") == [text]
    assert node.seen("web") is None
    assert "containerStatuses" not in node.pod("web")["status"]


def test_labels_that_a_user_gave_the_node_count(node: Node) -> None:
    """The selector is compared with the Node of the API as it is now."""
    api_node(node, {"disk": "ssd"})
    node.run("fits", nodeSelector={"disk": "ssd"})
    node.run("strays", nodeSelector={"disk": "hdd"})

    assert told(node, "fits")[0] == "Running"
    assert told(node, "strays")[:2] == ("Failed", "NodeAffinity")


def test_a_node_that_the_api_does_not_describe_yet_is_described_by_its_engine(
    node: Node,
) -> None:
    """A pod does not fail because its node has not been reported on."""
    node.run("web", nodeSelector={"kubernetes.io/os": "linux"})
    node.run("huge", {"name": "app", **HUGE})

    assert told(node, "web")[0] == "Running"
    assert told(node, "huge")[:2] == ("Failed", "OutOfcpu")


def test_of_two_pods_that_want_the_same_room_one_gets_it(node: Node) -> None:
    """A rejected pod takes none, and one that has ended gives it back."""
    api_node(node, {})
    half = {"name": "app", "resources": {"requests": {"cpu": "1500m"}}}
    node.run("one", half, restartPolicy="Never")
    node.run("two", half)
    assert told(node, "one")[0] == "Running"
    assert told(node, "two")[:2] == ("Failed", "OutOfcpu")

    node.exit("one", code=0)
    node.run("three", half)
    assert told(node, "three")[0] == "Running"


def test_a_restart_of_the_agent_never_fails_a_pod_that_was_taken(node: Node) -> None:
    """Though it would not be taken as the node is now."""
    api_node(node, {"disk": "ssd"}, cpu="2000")
    node.run("web", {"name": "app", **HUGE}, nodeSelector={"disk": "ssd"})
    amounts = {"cpu": "2", "memory": "1Gi", "pods": "110"}
    node.api.patch("nodes", NODE, "", {"metadata": {"labels": {"disk": None}}})
    status = {"status": {"capacity": amounts, "allocatable": amounts}}
    node.api.patch("nodes", NODE, "", status, subresource="status")

    node.restart()
    node.advance(30)
    node.exit("web")
    node.advance(30)

    assert told(node, "web")[0] == "Running"


def test_what_runs_is_adopted_though_nobody_has_reported_it(node: Node) -> None:
    """The agent died between the start and the report; the pod's room stays taken."""
    api_node(node, {}, cpu="2000")
    node.run("web", {"name": "app", **HUGE})
    amounts = {"cpu": "2", "memory": "1Gi", "pods": "110"}
    status = {"status": {"capacity": amounts, "allocatable": amounts}}
    node.api.patch("nodes", NODE, "", status, subresource="status")
    node.api.patch("pods", "web", "default", {"status": None}, subresource="status")

    node.restart()
    node.settle()
    node.run("late", {"name": "app", "resources": {"requests": {"cpu": "1"}}})

    assert told(node, "web")[0] == "Running"
    assert told(node, "late")[:2] == ("Failed", "OutOfcpu")


def test_a_rejected_pod_stays_as_it_is(node: Node) -> None:
    """After a restart nobody judges it again, and nothing of it starts."""
    api_node(node, {})
    node.run("web", {"name": "app", **HUGE})
    before = node.pod("web")
    amounts = {"cpu": "2000", "memory": "1Gi", "pods": "110"}
    node.api.patch(
        "nodes", NODE, "", {"status": {"allocatable": amounts}}, subresource="status"
    )

    node.restart()
    node.advance(60)

    assert node.pod("web") == before
    assert node.seen("web") is None


def test_a_rejected_pod_can_be_deleted(node: Node) -> None:
    """And another of its name is judged anew."""
    api_node(node, {})
    node.run("web", {"name": "app", **HUGE})
    node.delete("web")
    assert not node.exists("web")

    node.run("web")
    assert told(node, "web")[0] == "Running"

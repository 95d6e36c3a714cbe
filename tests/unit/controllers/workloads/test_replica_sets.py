"""ReplicaSets: the rule of ReplicationControllers with a set-based selector."""

from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import (
    PRIORITY_CLASS,
    REPLICA_SET,
    REPLICATION_CONTROLLER,
)
from tests.unit.controllers.build import rc_object
from tests.unit.controllers.workloads.living import APP, FAST, Living, workload

SETS = REPLICA_SET.resource


def test_a_replica_set_keeps_its_number_of_pods() -> None:
    """And says so in its status."""
    world = Living()
    world.create(SETS, workload("ReplicaSet", replicas=3))
    world.live()
    victim = world.pods()[0]
    world.api.delete("pods", victim["metadata"]["name"], "default")

    world.live()

    assert len(world.active()) == 3
    status = world.get(SETS)["status"]
    assert (status["replicas"], status["readyReplicas"]) == (3, 3)
    assert status["observedGeneration"] == 1


def test_a_selector_by_expressions_finds_its_pods() -> None:
    """As in the book: In, with a list of values."""
    world = Living()
    expression = {"key": "app", "operator": "In", "values": ["web", "other"]}
    selector = {"matchExpressions": [expression]}
    world.create(SETS, workload("ReplicaSet", replicas=2, selector=selector))

    world.live()

    assert len(world.active()) == 2


def test_a_replica_set_takes_over_the_pods_of_a_controller() -> None:
    """That was deleted with --cascade=orphan: no pod is started anew."""
    world = Living()
    rc = rc_object(3, name="web", selector=APP)
    rc["spec"]["template"]["spec"]["containers"][0]["image"] = "web:1"
    world.create(REPLICATION_CONTROLLER.resource, rc, "default")
    world.live()
    before = world.active()
    orphan = DeleteOptions(propagation_policy="Orphan")
    world.api.delete(REPLICATION_CONTROLLER.resource, "web", "default", orphan)
    world.live()

    world.create(SETS, workload("ReplicaSet", replicas=3))
    world.live()

    assert sorted(world.active()) == sorted(before)
    owners = {p["metadata"]["ownerReferences"][0]["kind"] for p in world.pods()}
    assert owners == {"ReplicaSet"}


def test_deleting_a_replica_set_deletes_its_pods() -> None:
    """In the background, as kubectl asks for."""
    world = Living()
    world.create(SETS, workload("ReplicaSet", replicas=2))
    world.live()

    world.api.delete(SETS, "web", "default")
    world.live()

    assert world.pods() == []


def test_pods_of_an_unknown_priority_class_are_reported() -> None:
    """As an event of the owner; the pods follow when the class exists."""
    world = Living(1, *FAST)
    made = workload("ReplicaSet", replicas=1)
    made["spec"]["template"]["spec"]["priorityClassName"] = "high"
    world.create(SETS, made)
    world.live()

    (event,) = world.events("FailedCreate")
    assert event.startswith(
        'FailedCreate Error creating: pods "web-" is forbidden: no PriorityClass with '
        "name high was found"
    )
    high = {**PRIORITY_CLASS.head, "metadata": {"name": "high"}, "value": 9}
    world.create(PRIORITY_CLASS.resource, high)
    world.pass_time(60)
    world.live()
    assert [pod["spec"]["priority"] for pod in world.pods()] == [9]

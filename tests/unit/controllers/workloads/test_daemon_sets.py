"""DaemonSets on simulated nodes."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.kinds.identity import CONTROLLER_REVISION, DAEMON_SET, NODE
from supervisor.model.meta import Object
from tests.unit.controllers.build import node_object
from tests.unit.controllers.workloads.living import FAST, Living, template, workload

SETS, NODES = DAEMON_SET.resource, NODE.resource
REVISIONS = CONTROLLER_REVISION.resource


def running(world: Living, **spec: Any) -> Living:
    world.create(SETS, workload("DaemonSet", **spec))
    world.live()
    return world


def label(world: Living, node: str, **labels: str | None) -> None:
    world.api.patch(NODES, node, "", {"metadata": {"labels": labels}})
    world.live()


def use(world: Living, image: str) -> None:
    container = {"name": "c", "image": image}
    world.change(SETS, {"spec": {"template": {"spec": {"containers": [container]}}}})


def test_each_node_has_one_pod() -> None:
    """And a node that comes later gets one, too."""
    world = running(Living(2))
    assert world.where() == {"one": 1, "two": 1}

    world.create(NODES, node_object("late"))
    world.live()

    assert world.where() == {"one": 1, "two": 1, "late": 1}
    status = world.get(SETS)["status"]
    assert status["desiredNumberScheduled"] == status["numberAvailable"] == 3


def test_the_pod_follows_the_labels_of_nodes() -> None:
    """As the book's monitor of SSDs does."""
    chosen = template(nodeSelector={"disk": "ssd"})
    world = running(Living(2), template=chosen)
    assert world.where() == {}

    label(world, "two", disk="ssd")
    assert world.where() == {"two": 1}

    label(world, "two", disk="hdd")
    assert world.where() == {}
    assert world.get(SETS)["status"]["desiredNumberScheduled"] == 0


def taint(world: Living, node: str, effect: str) -> None:
    found = world.api.get(NODES, node)
    found["spec"]["taints"] = [{"key": "a", "value": "b", "effect": effect}]
    world.api.update(NODES, found)
    world.live()


def test_taints_keep_pods_away_and_drive_them_off() -> None:
    """NoSchedule leaves the pod that runs, NoExecute does not."""
    world = running(Living(2))

    taint(world, "one", "NoSchedule")
    assert world.where() == {"one": 1, "two": 1}

    taint(world, "one", "NoExecute")
    assert world.where() == {"two": 1}


def test_a_cordoned_node_keeps_its_daemon() -> None:
    """And gets it back, when it is deleted."""
    world = running(Living(1))
    world.api.patch(NODES, "one", "", {"spec": {"unschedulable": True}})
    (pod,) = world.pods()
    world.api.delete("pods", pod["metadata"]["name"], "default")

    world.live()

    assert world.where() == {"one": 1}


def test_a_pod_that_fails_is_replaced_later_each_time() -> None:
    """After one second at first, then after two."""
    world = running(Living(1))
    for pause in (1, 2):
        world.end(world.pods()[0], 1)
        world.live()
        assert world.pods() == []
        world.advance(pause)
        world.live()
        assert world.where() == {"one": 1}

    assert "FailedDaemonPod" in " ".join(world.events())


def test_a_rolling_update_takes_one_node_at_a_time() -> None:
    """Unless maxUnavailable says otherwise."""
    world = running(Living(3))
    use(world, "web:2")
    world.settle()

    assert world.images() == ["web:1", "web:1"]

    world.live()
    assert world.images() == ["web:2"] * 3
    assert world.get(SETS)["status"]["updatedNumberScheduled"] == 3


def test_with_a_surge_the_new_pod_starts_beside_the_old_one() -> None:
    """And the old one goes when the new one is available."""
    bounds = {"maxSurge": 1, "maxUnavailable": 0}
    strategy = {"type": "RollingUpdate", "rollingUpdate": bounds}
    world = running(Living(2), updateStrategy=strategy)
    use(world, "web:2")
    world.settle()

    assert world.images() == ["web:1", "web:1", "web:2"]

    world.live()
    assert world.images() == ["web:2"] * 2


def test_on_delete_waits_for_somebody_to_delete_the_pod() -> None:
    """The default of extensions/v1beta1."""
    world = running(Living(2), updateStrategy={"type": "OnDelete"})
    use(world, "web:2")
    world.live()
    assert world.images() == ["web:1"] * 2

    world.api.delete("pods", world.active()[0], "default")
    world.live()

    assert world.images() == ["web:1", "web:2"]


def test_templates_are_kept_as_revisions() -> None:
    """One that comes back gets the newest number instead of a second revision."""
    world = running(Living(1))
    for image in ("web:2", "web:1"):
        use(world, image)
        world.live()

    found = world.api.list(REVISIONS, "default").items
    assert {_image(r): r["revision"] for r in found} == {"web:1": 3, "web:2": 2}


def _image(revision: Object) -> str:
    found = revision["data"]["spec"]["template"]
    return str(found["spec"]["containers"][0]["image"])


@given(steps=st.lists(st.sampled_from("srdtRnf"), max_size=30))
@settings(max_examples=25, deadline=None)
def test_no_node_ever_has_two(steps: list[str]) -> None:
    """Whatever happens when; and in the end each has one of the last template."""
    world = running(Living(3, *FAST))
    version = 1
    for step in steps:
        match step:
            case "r":
                world.start_one()
            case "d":
                world.remove_one()
            case "t":
                version += 1
                use(world, f"web:{version}")
            case "R":
                world.restart()
            case "f":
                for pod in world.pods()[:1]:
                    world.end(pod, 1)
            case "n":
                world.advance(1)
        world.settle()
        assert max(world.where().values(), default=0) <= 1

    world.live()
    world.advance(900)
    world.live()
    assert world.images() == [f"web:{version}"] * 3

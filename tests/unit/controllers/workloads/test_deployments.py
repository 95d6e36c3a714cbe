"""Deployments on simulated nodes: rollouts, their bounds, history and conditions."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.kinds.columns import get
from supervisor.kinds.identity import DEPLOYMENT, REPLICA_SET
from supervisor.kinds.workloads import amounts
from supervisor.model.meta import Object
from tests.unit.controllers.workloads.living import Living, template, workload

DEPLOYMENTS, SETS = DEPLOYMENT.resource, REPLICA_SET.resource


def deployed(world: Living, **spec: Any) -> Living:
    """A Deployment of 3 that has come to rest."""
    world.create(DEPLOYMENTS, workload("Deployment", **({"replicas": 3} | spec)))
    world.live()
    return world


def use(world: Living, image: str, *, wait: bool = True) -> None:
    container = {"name": "c", "image": image}
    template = {"spec": {"containers": [container]}}
    world.change(DEPLOYMENTS, {"spec": {"template": template}})
    if wait:
        world.live()


def sizes(world: Living) -> list[int]:
    """What the ReplicaSets ask for, the newest first."""
    found = world.api.list(SETS, "default").items
    found.sort(key=lambda rs: -int(rs["metadata"]["annotations"][_REVISION]))
    return [rs["spec"]["replicas"] for rs in found]


_REVISION = "deployment.kubernetes.io/revision"


def condition(world: Living, kind: str) -> tuple[str, str, str]:
    rows: list[Object] = world.get(DEPLOYMENTS)["status"]["conditions"]
    found = next(c for c in rows if c["type"] == kind)
    return found["status"], found["reason"], found["message"]


def test_a_new_deployment_makes_one_replica_set() -> None:
    """Its pods carry the hash of the template, and its status is complete."""
    world = deployed(Living())

    (rs,) = world.api.list(SETS, "default").items
    label = rs["metadata"]["labels"]["pod-template-hash"]
    assert rs["metadata"]["name"] == f"web-{label}"
    labels = [pod["metadata"]["labels"] for pod in world.pods()]
    assert {found["pod-template-hash"] for found in labels} == {label}
    status = world.get(DEPLOYMENTS)["status"]
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    assert [status[name] for name in counts] == [3, 3, 3, 3]
    assert condition(world, "Available")[:2] == ("True", "MinimumReplicasAvailable")
    assert condition(world, "Progressing") == (
        "True",
        "NewReplicaSetAvailable",
        f'ReplicaSet "web-{label}" has successfully progressed.',
    )


def test_a_new_template_replaces_all_pods() -> None:
    """The old ReplicaSet stays, empty, as revision 1."""
    world = deployed(Living())

    use(world, "web:2")

    assert world.images() == ["web:2"] * 3
    assert sizes(world) == [3, 0]
    assert world.get(DEPLOYMENTS)["metadata"]["annotations"][_REVISION] == "2"


def test_going_back_uses_the_old_replica_set() -> None:
    """As `rollout undo` does: it gets the newest revision."""
    world = deployed(Living())
    use(world, "web:2")

    use(world, "web:1")

    assert len(world.api.list(SETS, "default").items) == 2
    assert world.images() == ["web:1"] * 3
    assert world.get(DEPLOYMENTS)["metadata"]["annotations"][_REVISION] == "3"


def test_an_image_that_never_starts_leaves_the_old_pods_serving() -> None:
    """Until the deadline is over; then the condition says so, and nothing else."""
    world = deployed(Living(), progressDeadlineSeconds=60)
    use(world, "web:broken", wait=False)
    world.settle()

    world.pass_time(70)

    assert world.images().count("web:1") == 3
    assert world.get(DEPLOYMENTS)["status"]["availableReplicas"] == 3
    status, reason, text = condition(world, "Progressing")
    assert (status, reason) == ("False", "ProgressDeadlineExceeded")
    assert text.endswith("has timed out progressing.")


def test_recreate_starts_nothing_before_the_old_pods_are_gone() -> None:
    """Not even while they are being deleted."""
    world = deployed(Living(), strategy={"type": "Recreate"})
    use(world, "web:2", wait=False)
    world.settle()
    assert world.images() == []
    world.remove_one()
    world.settle()
    assert world.images() == []

    world.live()

    assert world.images() == ["web:2"] * 3


def test_a_paused_deployment_changes_its_size_alone() -> None:
    """The new template waits until it goes on."""
    world = deployed(Living())
    world.change(DEPLOYMENTS, {"spec": {"paused": True}})
    use(world, "web:2")
    world.change(DEPLOYMENTS, {"spec": {"replicas": 5}})
    world.live()
    assert world.images() == ["web:1"] * 5
    assert condition(world, "Progressing")[:2] == ("Unknown", "DeploymentPaused")

    world.change(DEPLOYMENTS, {"spec": {"paused": False}})
    world.live()

    assert world.images() == ["web:2"] * 5


def test_old_replica_sets_are_kept_up_to_the_limit() -> None:
    """The oldest go first."""
    world = deployed(Living(), revisionHistoryLimit=1)

    for number in (2, 3, 4):
        use(world, f"web:{number}")

    assert sizes(world) == [3, 0]


def test_a_size_that_changes_in_a_rollout_is_shared() -> None:
    """By the sizes of the sets, and the sum respects the surge."""
    world = deployed(Living(), replicas=8, strategy=rolling(surge=2, missing=0))
    use(world, "web:2", wait=False)
    world.settle()
    assert sizes(world) == [2, 8]

    world.change(DEPLOYMENTS, {"spec": {"replicas": 16}})
    world.settle()

    assert sizes(world) == [4, 14]


def test_a_policy_that_is_only_implied_stays_so_below_a_deployment() -> None:
    """A ReplicaSet's template is the Deployment's: nothing is added to it."""
    world = deployed(Living(), template=template("web"))

    (rs,) = world.api.list(SETS, "default").items
    notes = rs["spec"]["template"]["metadata"].get("annotations") or {}
    assert notes == {}
    assert (
        rs["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    )


def test_a_name_that_is_taken_is_avoided() -> None:
    """Another ReplicaSet has the name: the collision is counted."""
    world = Living()
    made = deployed(Living()).api.list(SETS, "default").items[0]
    alien = workload("ReplicaSet", made["metadata"]["name"], image="alien", replicas=0)
    alien["spec"]["selector"] = {"matchLabels": {"app": "alien"}}
    alien["spec"]["template"]["metadata"] = {"labels": {"app": "alien"}}
    world.create(SETS, alien)

    deployed(world)

    assert world.get(DEPLOYMENTS)["status"]["collisionCount"] == 1
    assert world.images() == ["web:1"] * 3


def test_deleting_a_deployment_deletes_everything_below_it() -> None:
    """ReplicaSets and pods, in the background."""
    world = deployed(Living())

    world.api.delete(DEPLOYMENTS, "web", "default")
    world.live()

    assert world.pods() == []
    assert world.api.list(SETS, "default").items == []


def rolling(surge: Any, missing: Any) -> Object:
    bounds = {"maxSurge": surge, "maxUnavailable": missing}
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


@given(
    replicas=st.integers(1, 6),
    surge=st.sampled_from([0, 1, 2, "30%", "100%"]),
    missing=st.sampled_from([0, 1, 2, "30%", "100%"]),
    steps=st.lists(st.sampled_from("srrddtR"), max_size=40),
)
@settings(max_examples=25, deadline=None)
def test_a_rollout_stays_within_its_bounds_whatever_happens_when(
    replicas: int, surge: Any, missing: Any, steps: list[str]
) -> None:
    """Pods start and end in any order, templates change, controllers restart."""
    if amounts.is_zero(surge) and amounts.is_zero(missing):
        missing = 1
    world = Living(1)
    strategy = rolling(surge, missing)
    deployed(world, replicas=replicas, strategy=strategy)
    extra = amounts.scaled(surge, replicas, up=True)
    absent = amounts.scaled(missing, replicas, up=False)
    least = replicas - (absent if extra or absent else 1)
    version = 1
    for step in steps:
        match step:
            case "s":
                world.settle()
            case "r":
                world.start_one()
            case "d":
                world.remove_one()
            case "t":
                version += 1
                use(world, f"web:{version}", wait=False)
            case "R":
                world.restart()
        world.settle()
        assert sum(sizes(world)) <= replicas + extra
        assert serving(world) >= least

    world.live()

    assert world.images() == [f"web:{version}"] * replicas
    assert sum(sizes(world)) == replicas


def serving(world: Living) -> int:
    return sum(
        "deletionTimestamp" not in pod["metadata"]
        and any(c["status"] == "True" for c in get(pod, "status.conditions", []))
        and pod["status"].get("phase") == "Running"
        for pod in world.pods()
    )


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_rollout_that_is_interrupted_anywhere_ends_the_same(cut: int) -> None:
    """The controllers lose all that they remember after `cut` steps."""
    world = deployed(Living(1))
    use(world, "web:2", wait=False)
    for _ in range(cut):
        world.switchboard.step()
    world.restart()

    world.live()

    assert world.images() == ["web:2"] * 3
    assert sizes(world) == [3, 0]

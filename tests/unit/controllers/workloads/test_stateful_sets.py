"""StatefulSets on simulated nodes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.controllers.workloads.statefulsets import claims, identity
from supervisor.kinds.identity import (
    CONTROLLER_REVISION,
    PERSISTENT_VOLUME_CLAIM,
    STATEFUL_SET,
)
from supervisor.model.meta import Object
from supervisor.model.statefulset import PersistentVolumeClaimRetentionPolicy
from tests.unit.controllers.workloads.living import FAST, Living, workload

SETS, CLAIMS = STATEFUL_SET.resource, PERSISTENT_VOLUME_CLAIM.resource
DATA: Object = {
    "metadata": {"name": "data"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "none",
        "resources": {"requests": {"storage": "1Mi"}},
    },
}


def create(world: Living, **spec: Any) -> Living:
    world.create(SETS, workload("StatefulSet", **({"serviceName": "web"} | spec)))
    world.settle()
    return world


def running(world: Living, **spec: Any) -> Living:
    create(world, **spec)
    world.live()
    return world


def use(world: Living, image: str) -> None:
    container = {"name": "c", "image": image}
    world.change(SETS, {"spec": {"template": {"spec": {"containers": [container]}}}})


def rolling(**fields: Any) -> Object:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": fields}}


def names(world: Living) -> list[str]:
    return sorted(pod["metadata"]["name"] for pod in world.pods())


def images(world: Living) -> dict[str, str]:
    """The image of each pod by the pod's name."""
    return {
        p["metadata"]["name"]: p["spec"]["containers"][0]["image"] for p in world.pods()
    }


def test_pods_are_created_one_after_the_other() -> None:
    """Each waits until the one before is ready."""
    world = create(Living(1), replicas=3)
    for count in (1, 2, 3):
        assert names(world) == [f"web-{n}" for n in range(count)]
        world.start_one()
        world.settle()

    status = world.get(SETS)["status"]
    assert status["readyReplicas"] == status["availableReplicas"] == 3
    assert status["currentRevision"] == status["updateRevision"]


def test_in_parallel_all_are_created_at_once() -> None:
    """And numbering may start elsewhere."""
    world = create(
        Living(1), replicas=3, podManagementPolicy="Parallel", ordinals={"start": 5}
    )

    assert names(world) == ["web-5", "web-6", "web-7"]


def test_a_pod_has_its_name_everywhere() -> None:
    """As host name, as labels, and below the name of the Service."""
    world = running(Living(1), replicas=1)

    (pod,) = world.pods()
    labels = pod["metadata"]["labels"]
    assert labels[identity.POD_NAME] == pod["spec"]["hostname"] == "web-0"
    assert labels[identity.POD_INDEX] == "0"
    assert pod["spec"]["subdomain"] == "web"


def test_a_deleted_pod_comes_back_under_its_name() -> None:
    """Only after it has gone."""
    world = running(Living(1), replicas=2)
    before = world.api.get("pods", "web-0", "default")
    world.api.delete("pods", "web-0", "default")
    world.settle()
    assert names(world) == ["web-0", "web-1"]

    world.live()

    after = world.api.get("pods", "web-0", "default")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


@pytest.mark.parametrize("code", [0, 1])
def test_a_pod_that_has_ended_is_replaced(code: int) -> None:
    """Whether it has failed or succeeded."""
    world = running(Living(1), replicas=1)
    world.end(world.pods()[0], code)

    world.live()

    assert [p["status"]["phase"] for p in world.pods()] == ["Running"]


def test_the_highest_pods_go_first() -> None:
    """One at a time."""
    world = running(Living(1), replicas=3)
    world.change(SETS, {"spec": {"replicas": 1}})
    world.settle()

    leaving = [p for p in world.pods() if "deletionTimestamp" in p["metadata"]]
    assert [p["metadata"]["name"] for p in leaving] == ["web-2"]

    world.live()
    assert names(world) == ["web-0"]


def test_an_update_goes_from_the_highest_down() -> None:
    """And each pod is available before the next one goes."""
    world = running(Living(1), replicas=3)
    use(world, "web:2")
    seen: list[dict[str, str]] = []
    for _ in range(60):
        world.settle()
        if len(world.images()) == 3 and (not seen or seen[-1] != images(world)):
            seen.append(images(world))
        if not world.remove_one() and not world.start_one():
            break

    assert [list(row.values()).count("web:2") for row in seen] == [0, 1, 2, 3] or [
        list(row.values()).count("web:2") for row in seen
    ] == [1, 2, 3]
    assert seen[-2]["web-0"] == "web:1"
    status = world.get(SETS)["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert status["currentReplicas"] == 3


def test_a_partition_holds_an_update_back() -> None:
    """Also for a pod that is created anew."""
    world = running(Living(1), replicas=3, **rolling(partition=2))
    use(world, "web:2")
    world.live()
    assert images(world) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:2"}

    world.api.delete("pods", "web-0", "default")
    world.live()

    assert images(world)["web-0"] == "web:1"
    status = world.get(SETS)["status"]
    assert (status["currentReplicas"], status["updatedReplicas"]) == (2, 1)


def test_on_delete_waits_for_somebody_to_delete() -> None:
    """The pod that comes then has the new template."""
    world = running(Living(1), replicas=2, updateStrategy={"type": "OnDelete"})
    use(world, "web:2")
    world.live()
    assert set(images(world).values()) == {"web:1"}

    world.api.delete("pods", "web-1", "default")
    world.live()

    assert images(world) == {"web-0": "web:1", "web-1": "web:2"}


def test_several_may_be_unavailable_if_the_set_says_so() -> None:
    """maxUnavailable counts all that are away."""
    world = running(
        Living(1),
        replicas=4,
        podManagementPolicy="Parallel",
        **rolling(maxUnavailable=2),
    )
    use(world, "web:2")
    world.settle()

    leaving = [p for p in world.pods() if "deletionTimestamp" in p["metadata"]]
    assert sorted(p["metadata"]["name"] for p in leaving) == ["web-2", "web-3"]


def test_going_back_reuses_the_old_revision() -> None:
    """As `rollout undo` does."""
    world = running(Living(1), replicas=1)
    first = world.get(SETS)["status"]["currentRevision"]
    use(world, "web:2")
    world.live()
    use(world, "web:1")
    world.live()

    assert world.get(SETS)["status"]["currentRevision"] == first
    found = world.api.list(CONTROLLER_REVISION.resource, "default").items
    assert sorted(r["revision"] for r in found) == [2, 3]


def test_a_pod_must_stay_ready_for_a_while_if_the_set_says_so() -> None:
    """minReadySeconds delays the next one."""
    world = running(Living(1, *FAST), replicas=2, minReadySeconds=10)
    assert names(world) == ["web-0"]

    world.advance(10)
    world.live()

    assert names(world) == ["web-0", "web-1"]


def test_each_pod_has_its_claims() -> None:
    """They are mounted by the name of their template, and stay when the pod goes."""
    world = create(Living(1), replicas=1, volumeClaimTemplates=[DATA])

    (claim,) = world.api.list(CLAIMS, "default").items
    assert claim["metadata"]["name"] == "data-web-0"
    assert claim["metadata"]["labels"] == {"app": "web"}
    assert world.pods()[0]["spec"]["volumes"][0] == {
        "name": "data",
        "persistentVolumeClaim": {"claimName": "data-web-0"},
    }

    world.change(SETS, {"spec": {"replicas": 0}})
    world.live()
    assert len(world.api.list(CLAIMS, "default").items) == 1


@pytest.mark.parametrize(
    ("deleted", "scaled", "surplus", "expected"),
    [
        ("Retain", "Retain", True, []),
        ("Delete", "Retain", True, ["StatefulSet"]),
        ("Retain", "Delete", True, ["Pod"]),
        ("Retain", "Delete", False, []),
        ("Delete", "Delete", True, ["Pod"]),
        ("Delete", "Delete", False, ["StatefulSet"]),
    ],
)
def test_claims_are_owned_by_what_they_go_with(
    deleted: str, scaled: str, surplus: bool, expected: list[str]
) -> None:
    """The set, the pod, or nobody; other owners stay."""
    owner = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "uid": "s"},
    }
    pod = {"metadata": {"name": "web-0", "uid": "p"}}
    policy = PersistentVolumeClaimRetentionPolicy(deleted, scaled)

    def kinds_of(before: list[Object]) -> list[str] | None:
        claim = {"metadata": {"ownerReferences": before}}
        found = claims.owners(claim, owner, pod, is_surplus=surplus, policy=policy)
        return None if found is None else [ref["kind"] for ref in found]

    other = {"kind": "ConfigMap", "name": "x", "uid": "o"}
    assert kinds_of([other, {"kind": "Pod", "name": "web-0", "uid": "old"}]) == [
        "ConfigMap",
        *expected,
    ]
    assert (kinds_of([]) or []) == expected


def test_a_name_belongs_to_a_set_only_with_a_plain_number() -> None:
    """`web-01` is somebody else's."""
    assert identity.ordinal_of("web", "web-1") == 1
    assert identity.ordinal_of("web", "web-01") is None
    assert identity.ordinal_of("web", "web-a-1") is None
    assert identity.ordinal_of("web", "web") is None


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("scale"), st.integers(0, 4)),
        st.tuples(st.just("image"), st.integers(1, 3)),
        st.tuples(st.just("end"), st.integers(0, 3)),
        st.tuples(st.just("delete"), st.integers(0, 3)),
        st.tuples(st.just("start"), st.just(0)),
        st.tuples(st.just("remove"), st.just(0)),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(_STEPS, st.sampled_from(["OrderedReady", "Parallel"]))
def test_it_settles_whatever_happens(steps: list[tuple[str, int]], policy: str) -> None:
    """With the wanted numbers, all of the present template, and no name twice."""
    world = create(Living(2, *FAST), replicas=2, podManagementPolicy=policy)
    wanted, image = 2, 1
    for step, value in steps:
        pods = {p["metadata"]["name"]: p for p in world.pods()}
        pod = pods.get(f"web-{value}")
        match step:
            case "scale":
                wanted = value
                world.change(SETS, {"spec": {"replicas": value}})
            case "image":
                image = value
                use(world, f"web:{value}")
            case "end" if pod:
                world.end(pod, 1)
            case "delete" if pod:
                world.api.delete("pods", f"web-{value}", "default")
            case "start":
                world.start_one()
            case "remove":
                world.remove_one()
        world.settle()

    world.live()

    assert images(world) == {f"web-{n}": f"web:{image}" for n in range(wanted)}
    assert world.get(SETS)["status"].get("availableReplicas", 0) == wanted

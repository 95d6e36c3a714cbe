"""Claims, volumes and the pods that use them, on simulated nodes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.app import initial_objects
from supervisor.kinds.identity import (
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    STATEFUL_SET,
    STORAGE_CLASS,
)
from supervisor.model.meta import Object
from supervisor.model.storage import (
    DOCKER_CLASS,
    DOCKER_DRIVER,
    DOCKER_FINALIZER,
    ON_LOSS,
)
from tests.unit.controllers.build import node_object
from tests.unit.controllers.workloads.living import FAST, Living, workload

CLAIMS, VOLUMES = PERSISTENT_VOLUME_CLAIM.resource, PERSISTENT_VOLUME.resource


def world(nodes: int = 2) -> Living:
    made = Living(nodes, *FAST, "garbage-collector")
    initial_objects.ensure(made.api)
    for name in made.names:
        labels = {"kubernetes.io/hostname": name}
        made.api.patch(NODE.resource, name, "", {"metadata": {"labels": labels}})
    return made


def claim(name: str = "data", **spec: Any) -> Object:
    plain = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    meta = {"name": name, "namespace": "default"}
    return PERSISTENT_VOLUME_CLAIM.head | {"metadata": meta, "spec": plain | spec}


def volume(name: str = "disk", size: str = "2Gi", **spec: Any) -> Object:
    plain = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": f"/srv/{name}"},
    }
    return {**PERSISTENT_VOLUME.head, "metadata": {"name": name}, "spec": plain | spec}


def pod(name: str = "user", claims: tuple[str, ...] = ("data",), **spec: Any) -> Object:
    volumes = [{"name": c, "persistentVolumeClaim": {"claimName": c}} for c in claims]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "i"}], "volumes": volumes}
        | spec,
    }


def live(it: Living) -> None:
    """The scheduler tries a pod again a second after its claim is bound."""
    for _ in range(3):
        it.live()
        it.advance(1)
    it.live()


def phases(it: Living) -> dict[str, str]:
    found = [*it.api.list(CLAIMS).items, *it.api.list(VOLUMES).items]
    return {
        o["metadata"]["name"].partition("-")[0]: o["status"]["phase"] for o in found
    }


def the_volume(it: Living) -> Object:
    (found,) = it.api.list(VOLUMES).items
    return found


def where(it: Living, name: str = "user") -> str:
    return str(it.get("pods", name)["spec"].get("nodeName", ""))


def test_a_claim_waits_for_its_first_pod() -> None:
    """Of the default class, which it gets by itself."""
    it = world()
    it.create(CLAIMS, claim())
    live(it)

    assert phases(it) == {"data": "Pending"}
    assert it.get(CLAIMS, "data")["spec"]["storageClassName"] == DOCKER_CLASS
    text = "waiting for first consumer to be created before binding"
    assert sum(text in event for event in it.events()) == 1


def test_a_volume_is_made_on_the_node_of_the_pod() -> None:
    """And the pod runs there."""
    it = world()
    it.create(CLAIMS, claim())
    it.create("pods", pod())
    live(it)

    made = the_volume(it)
    uid = it.get(CLAIMS, "data")["metadata"]["uid"]
    assert made["spec"]["csi"] == {
        "driver": DOCKER_DRIVER,
        "volumeHandle": f"pvc-{uid}",
    }
    (term,) = made["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == [where(it)]
    assert phases(it) == {"data": "Bound", "pvc": "Bound"}
    assert it.get(CLAIMS, "data")["status"]["capacity"] == {"storage": "1Gi"}


def test_pods_of_one_claim_share_its_node() -> None:
    """Also those that come later."""
    it = world(3)
    it.create(CLAIMS, claim())
    it.create("pods", pod("one"))
    live(it)
    it.create("pods", pod("two"))
    it.create("pods", pod("three"))
    live(it)

    assert where(it, "one") == where(it, "two") == where(it, "three") != ""


def test_only_one_pod_has_a_claim_for_one_pod() -> None:
    """ReadWriteOncePod."""
    it = world()
    it.create(CLAIMS, claim(accessModes=["ReadWriteOncePod"]))
    it.create("pods", pod("one"))
    live(it)
    it.create("pods", pod("two"))
    live(it)

    assert (where(it, "one") != "", where(it, "two")) == (True, "")
    assert "ReadWriteOncePod access mode" in " ".join(it.events())


def test_a_pod_that_names_its_node_has_the_volume_there() -> None:
    """No scheduler looks at it."""
    it = world()
    it.create(CLAIMS, claim())
    it.create("pods", pod(nodeName="two"))
    live(it)

    (term,) = the_volume(it)["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["two"]


def test_the_smallest_volume_that_suits_is_bound() -> None:
    """Without a class, only volumes that exist count."""
    it = world()
    it.create(VOLUMES, volume("big", "9Gi"))
    it.create(VOLUMES, volume("small", "500Mi"))
    it.create(VOLUMES, volume("right", "2Gi"))
    it.create(CLAIMS, claim(storageClassName=""))
    live(it)

    assert it.get(CLAIMS, "data")["spec"]["volumeName"] == "right"
    assert phases(it) == {
        "big": "Available",
        "small": "Available",
        "right": "Bound",
        "data": "Bound",
    }


def test_a_volume_may_be_kept_for_a_claim() -> None:
    """By its claimRef, or by the claim's volumeName."""
    it = world()
    ref = {"namespace": "default", "name": "data"}
    it.create(VOLUMES, volume("kept", "9Gi", claimRef=ref))
    it.create(VOLUMES, volume("small", "1Gi"))
    it.create(CLAIMS, claim(storageClassName=""))
    it.create(VOLUMES, volume("named", "9Gi"))
    it.create(CLAIMS, claim("other", storageClassName="", volumeName="named"))
    live(it)

    assert it.get(CLAIMS, "data")["spec"]["volumeName"] == "kept"
    assert phases(it)["other"] == phases(it)["named"] == "Bound"
    assert phases(it)["small"] == "Available"


def test_a_claim_stays_while_a_pod_uses_it() -> None:
    """Then it goes, and its volume with it once the agent has removed the data."""
    it = world()
    it.create(CLAIMS, claim())
    it.create("pods", pod())
    live(it)
    it.api.delete(CLAIMS, "data", "default")
    live(it)
    assert phases(it) == {"data": "Bound", "pvc": "Bound"}

    it.api.delete("pods", "user", "default")
    live(it)

    assert phases(it) == {"pvc": "Released"}
    left = the_volume(it)["metadata"]
    assert left["finalizers"] == [DOCKER_FINALIZER] and left["deletionTimestamp"]


def test_retained_data_outlives_its_claim() -> None:
    """The volume is not given to anybody else."""
    it = world()
    it.create(VOLUMES, volume())
    it.create(CLAIMS, claim(storageClassName=""))
    live(it)
    it.api.delete(CLAIMS, "data", "default")
    live(it)
    it.create(CLAIMS, claim(storageClassName=""))
    live(it)

    assert phases(it) == {"disk": "Released", "data": "Pending"}


def test_a_bound_volume_is_not_deleted() -> None:
    """Before its claim."""
    it = world()
    it.create(VOLUMES, volume())
    it.create(CLAIMS, claim(storageClassName=""))
    live(it)
    it.api.delete(VOLUMES, "disk", "")
    live(it)

    assert phases(it) == {"disk": "Bound", "data": "Bound"}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"storageClassName": ""}, "no storage class is set"),
        ({"storageClassName": "gone"}, 'storageclass.storage.k8s.io "gone" not found'),
        ({"storageClassName": "cloud"}, 'StorageClass "docker-local" makes volumes'),
    ],
)
def test_a_claim_that_nobody_serves_says_why(spec: Object, text: str) -> None:
    """Once, and its pod does too."""
    it = world()
    head = STORAGE_CLASS.head | {"metadata": {"name": "cloud"}}
    it.create(STORAGE_CLASS.resource, head | {"provisioner": "kubernetes.io/gce-pd"})
    it.create(CLAIMS, claim(**spec))
    it.create("pods", pod())
    live(it)

    assert sum(text in event for event in it.events()) == 1
    assert "pod has unbound immediate PersistentVolumeClaims" in " ".join(it.events())


def test_a_pod_of_a_missing_claim_waits_for_it() -> None:
    """And is placed when it comes."""
    it = world()
    it.create("pods", pod())
    live(it)
    assert 'persistentvolumeclaim "data" not found' in " ".join(it.events())

    it.create(CLAIMS, claim())
    live(it)

    assert where(it)


def lose(it: Living) -> str:
    """The node of the pod is removed for good."""
    lost = where(it)
    it.api.delete("pods", "user", "default")
    it.live()
    it.api.delete(NODE.resource, lost, "")
    it.create("pods", pod())
    live(it)
    return lost


def test_a_pod_waits_for_the_node_of_its_volume() -> None:
    """And an event of the claim names the volume, and the way out."""
    it = world()
    it.create(CLAIMS, claim())
    it.create("pods", pod())
    live(it)
    lost = lose(it)

    assert where(it) == ""
    told = " ".join(it.events())
    assert f"is on node {lost}, which is gone" in told and ON_LOSS in told
    it.create(NODE.resource, node_object(lost, labels={"kubernetes.io/hostname": lost}))
    live(it)
    assert where(it) == lost


def test_the_data_of_a_lost_volume_can_be_given_up() -> None:
    """The claim gets a new volume on another node."""
    it = world()
    it.create(CLAIMS, claim())
    it.create("pods", pod())
    live(it)
    lost = lose(it)

    it.change(CLAIMS, {"metadata": {"annotations": {ON_LOSS: "recreate"}}}, "data")
    for _ in range(4):
        live(it)

    assert where(it) not in ("", lost)
    assert phases(it) == {"data": "Bound", "pvc": "Bound"}


def test_a_stateful_set_has_a_volume_for_each_pod() -> None:
    """Which a pod finds again after it was deleted."""
    it = world(3)
    template = {"metadata": {"name": "data"}, "spec": claim()["spec"]}
    it.create(
        STATEFUL_SET.resource,
        workload("StatefulSet", replicas=3, volumeClaimTemplates=[template]),
    )
    for _ in range(4):
        live(it)
    before = {p["metadata"]["name"]: p["spec"]["nodeName"] for p in it.pods()}
    assert sorted(before) == ["web-0", "web-1", "web-2"]

    for name in before:
        it.api.delete("pods", name, "default")
    for _ in range(4):
        live(it)

    assert {p["metadata"]["name"]: p["spec"]["nodeName"] for p in it.pods()} == before
    assert len(it.api.list(VOLUMES).items) == 3


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "drop", "volume", "pod", "end", "wait"]),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=10,
)


def do(it: Living, step: str, number: int, *, is_static: bool) -> None:
    """One thing that a user may do, if it can be done."""
    name, user, disk = f"n{number}", f"p{number}", f"v{number}"
    known = {
        o["metadata"]["name"]
        for resource in (CLAIMS, VOLUMES, "pods")
        for o in it.api.list(resource).items
    }
    match step:
        case "claim" if name not in known:
            spec = {"storageClassName": ""} if is_static else {}
            it.create(CLAIMS, claim(name, **spec))
        case "drop" if name in known:
            it.api.delete(CLAIMS, name, "default")
        case "volume" if disk not in known:
            it.create(VOLUMES, volume(disk))
        case "pod" if user not in known:
            it.create("pods", pod(user, (name,)))
        case "end" if user in known:
            it.api.delete("pods", user, "default")


@settings(max_examples=15)
@given(_STEPS)
def test_a_volume_never_has_two_claims(steps: list[tuple[str, int, bool]]) -> None:
    """Whatever happens; and in the end nothing more is to be done."""
    it = world()
    for step, number, flag in steps:
        do(it, step, number, is_static=flag)
        if flag:
            live(it)
    for _ in range(2):
        live(it)
        it.advance(15)

    bound = [o for o in it.api.list(VOLUMES).items if o["status"]["phase"] == "Bound"]
    uids = [o["spec"]["claimRef"]["uid"] for o in bound]
    claims = [o for o in it.api.list(CLAIMS).items if o["status"]["phase"] == "Bound"]
    assert sorted(o["metadata"]["uid"] for o in claims) == sorted(set(uids))
    assert len(uids) == len(set(uids))
    version = it.api.list(CLAIMS).resource_version
    live(it)
    assert it.api.list(CLAIMS).resource_version == version

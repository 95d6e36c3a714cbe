"""ReplicationControllers on the real API: what the plan leads to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.client.base import DeleteOptions, PatchType
from supervisor.model.meta import Object
from tests.unit.controllers.build import LABELS, pod_object, rc_object
from tests.unit.controllers.cluster import Cluster

RCS = "replicationcontrollers"


@pytest.fixture
def cluster() -> Cluster:
    """Only ReplicationControllers are looked after."""
    return Cluster("replication")


def bare_pod(name: str, **labels: str) -> Object:
    """A pod that a user made."""
    made = pod_object(name, owned_by=None, labels=labels or LABELS, node="")
    made["metadata"] = {"name": name, "labels": made["metadata"]["labels"]}
    made["spec"] = {"containers": [{"name": "app", "image": "luksa/kubia"}]}
    return made


def scale(cluster: Cluster, replicas: int) -> None:
    spec = {"spec": {"replicas": replicas}}
    cluster.api.patch(RCS, "kubia", "default", spec)


def status(cluster: Cluster) -> Object:
    found: Object = cluster.api.get(RCS, "kubia", "default").get("status", {})
    return found


def ready(cluster: Cluster, pod: Object, since: str) -> None:
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": since}
    cluster.set_status(pod, phase="Running", conditions=[condition])


def test_a_new_controller_gets_its_pods_and_says_so(cluster: Cluster) -> None:
    """Pods are named after it, labelled by the template and owned."""
    rc = cluster.create(RCS, rc_object(3), "default")

    cluster.settle()

    pods = cluster.pods()
    assert len(pods) == 3
    assert all(pod["metadata"]["name"].startswith("kubia-") for pod in pods)
    assert all(pod["metadata"]["labels"] == LABELS for pod in pods)
    owners = [pod["metadata"]["ownerReferences"][0] for pod in pods]
    assert {(o["uid"], o["controller"]) for o in owners} == {
        (rc["metadata"]["uid"], True)
    }
    told = [f"SuccessfulCreate Created pod: {p['metadata']['name']} x1" for p in pods]
    assert sorted(cluster.events()) == sorted(told)
    assert status(cluster) == {
        "replicas": 3,
        "fullyLabeledReplicas": 3,
        "observedGeneration": 1,
    }


def test_a_settled_controller_writes_nothing_more(cluster: Cluster) -> None:
    """Looking again changes nothing."""
    cluster.create(RCS, rc_object(2), "default")
    cluster.settle()
    before = cluster.store.revision()

    cluster.restart()
    cluster.settle()

    assert cluster.store.revision() == before


def test_a_deleted_pod_is_replaced_while_it_still_terminates(cluster: Cluster) -> None:
    """The replacement does not wait for the containers to stop."""
    cluster.create(RCS, rc_object(2), "default")
    cluster.settle()
    victim = cluster.pods()[0]["metadata"]["name"]
    cluster.api.bind(victim, "default", "node")

    cluster.api.delete("pods", victim, "default")
    cluster.settle()

    assert len(cluster.pods()) == 3
    assert len(cluster.active()) == 2
    assert victim not in cluster.active()


def test_scaling_up_and_down_changes_only_the_difference(cluster: Cluster) -> None:
    """Pods that may stay do stay."""
    cluster.create(RCS, rc_object(3), "default")
    cluster.settle()
    first = set(cluster.active())
    scale(cluster, 10)
    cluster.settle()
    assert first < set(cluster.active())
    assert len(cluster.active()) == 10

    scale(cluster, 2)
    cluster.settle()

    assert len(cluster.active()) == 2
    assert len(cluster.events("SuccessfulDelete")) == 8
    assert status(cluster)["observedGeneration"] == 3


def test_a_relabelled_pod_is_released_replaced_and_runs_on(cluster: Cluster) -> None:
    """The way to take a pod out for debugging."""
    cluster.create(RCS, rc_object(1), "default")
    cluster.settle()
    taken = cluster.active()[0]

    labels = {"metadata": {"labels": {"app": "debug"}}}
    cluster.api.patch("pods", taken, "default", labels)
    cluster.settle()

    released = cluster.api.get("pods", taken, "default")["metadata"]
    assert not released.get("ownerReferences")
    assert len(cluster.active()) == 2
    assert len(cluster.active("app=kubia")) == 1


def test_labelling_it_back_adopts_it_and_one_goes(cluster: Cluster) -> None:
    """A pod that comes to match is adopted, and then there is one too many."""
    cluster.create(RCS, rc_object(1), "default")
    cluster.create("pods", bare_pod("mine", app="other"), "default")
    cluster.settle()

    cluster.api.patch("pods", "mine", "default", {"metadata": {"labels": LABELS}})
    cluster.settle()

    assert len(cluster.active()) == 1
    assert len(cluster.events("SuccessfulDelete")) == 1


def test_orphans_of_a_former_controller_are_adopted(cluster: Cluster) -> None:
    """Re-creating a controller creates no new pods."""
    for name in ("one", "two"):
        cluster.create("pods", bare_pod(name), "default")

    rc = cluster.create(RCS, rc_object(2), "default")
    cluster.settle()

    assert cluster.active() == ["one", "two"]
    refs = [pod["metadata"]["ownerReferences"][0] for pod in cluster.pods()]
    assert {ref["uid"] for ref in refs} == {rc["metadata"]["uid"]}


def test_two_controllers_with_one_selector_do_not_fight(cluster: Cluster) -> None:
    """Each keeps its own pods."""
    cluster.create(RCS, rc_object(2, name="kubia"), "default")
    cluster.create(RCS, rc_object(3, name="other"), "default")

    cluster.settle()

    assert len(cluster.active()) == 5
    assert not cluster.events("SuccessfulDelete")


def test_a_controller_that_is_being_deleted_creates_nothing(cluster: Cluster) -> None:
    """Its pods may go without being replaced."""
    cluster.create(RCS, rc_object(2), "default")
    cluster.settle()
    options = DeleteOptions(propagation_policy="Foreground")
    cluster.api.delete(RCS, "kubia", "default", options)

    cluster.api.delete("pods", cluster.active()[0], "default")
    cluster.settle()

    assert len(cluster.active()) == 1


def test_available_counts_pods_that_were_ready_long_enough(cluster: Cluster) -> None:
    """The status changes by itself when the time has come."""
    cluster.create(RCS, rc_object(1, min_ready_seconds=60), "default")
    cluster.settle()
    ready(cluster, cluster.pods()[0], "2026-01-02T03:04:05Z")
    cluster.settle()
    assert status(cluster)["readyReplicas"] == 1
    assert "availableReplicas" not in status(cluster)

    cluster.advance(61)

    assert status(cluster)["availableReplicas"] == 1


def test_a_refused_pod_shows_as_a_condition_until_it_works(cluster: Cluster) -> None:
    """ReplicaFailure comes with the error and goes with the first success."""
    broken = rc_object(3)
    broken["spec"]["template"]["metadata"]["finalizers"] = ["no good"]
    cluster.create(RCS, broken, "default")

    cluster.settle()

    (condition,) = status(cluster)["conditions"]
    assert (condition["type"], condition["status"]) == ("ReplicaFailure", "True")
    assert condition["reason"] == "FailedCreate"
    assert cluster.events("FailedCreate")[0].startswith("FailedCreate Error creating: ")
    fixed = {"spec": {"template": {"metadata": {"finalizers": None}}}}
    cluster.api.patch(RCS, "kubia", "default", fixed)
    cluster.settle()
    assert len(cluster.active()) == 3
    assert "conditions" not in status(cluster)


def test_a_changed_template_is_used_for_new_pods_only(cluster: Cluster) -> None:
    """Existing pods are never touched."""
    cluster.create(RCS, rc_object(1), "default")
    cluster.settle()
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "app"}]}}}}
    patch["spec"]["template"]["spec"]["containers"][0]["image"] = "luksa/kubia:v2"
    cluster.api.patch(RCS, "kubia", "default", patch, PatchType.STRATEGIC)
    cluster.settle()
    assert len(cluster.pods()) == 1

    scale(cluster, 2)
    cluster.settle()

    images = sorted(pod["spec"]["containers"][0]["image"] for pod in cluster.pods())
    assert images == ["luksa/kubia", "luksa/kubia:v2"]


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("scale"), st.integers(0, 6)),
            st.tuples(st.just("delete"), st.integers(0, 5)),
            st.tuples(st.just("relabel"), st.integers(0, 5)),
            st.tuples(st.just("orphan"), st.integers(0, 1000)),
            st.tuples(st.just("finish"), st.integers(0, 5)),
            st.tuples(st.just("restart"), st.just(0)),
        ),
        max_size=8,
    )
)
@settings(max_examples=25)
def test_a_controller_always_settles(steps: list[tuple[str, int]]) -> None:
    """Whatever happens, in few rounds as many pods are there as wanted."""
    cluster = Cluster("replication")
    cluster.create(RCS, rc_object(3), "default")
    cluster.settle()
    wanted = 3
    for what, number in steps:
        active = cluster.active("app=kubia")
        name = active[number % len(active)] if active else ""
        match what:
            case "scale":
                wanted = number
                scale(cluster, number)
            case "delete" if name:
                cluster.api.delete("pods", name, "default")
            case "relabel" if name:
                labels = {"metadata": {"labels": {"app": "x"}}}
                cluster.api.patch("pods", name, "default", labels)
            case "orphan":
                made = bare_pod(f"mine-{number}-{cluster.store.revision()}")
                cluster.create("pods", made, "default")
            case "finish" if name:
                cluster.set_status(
                    cluster.api.get("pods", name, "default"), phase="Failed"
                )
            case "restart":
                cluster.restart()

    assert cluster.settle() <= 30

    pods = cluster.pods(labels="app=kubia")
    running = [pod for pod in pods if pod["status"].get("phase") != "Failed"]
    assert len(running) == wanted

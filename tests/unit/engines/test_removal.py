"""Removing an engine: what is removed, in which order, and what is waited for."""

from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import CONNECTING, FORCE_REMOVAL, REFUSED
from tests.unit.engines.keeping import Bench, info


def running(bench: Bench, *pods: str) -> None:
    """Node n1, with its Lease and these pods on it."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "n1"},
        "spec": {"holderIdentity": "n1"},
    }
    bench.api.create("leases.coordination.k8s.io", lease, "kube-node-lease")
    for name in pods:
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {"containers": [{"name": "c", "image": "i"}], "nodeName": "n1"},
        }
        bench.api.create("pods", body, "default")
    bench.nodes["n1"].left = [f"default/{name}" for name in pods]


def end_pods(bench: Bench) -> None:
    """Let the agent end the pods."""
    for pod in bench.api.list("pods").items:
        assert "deletionTimestamp" in pod["metadata"]
    for name in bench.names("pods"):
        bench.api.delete("pods", name, "default", DeleteOptions(grace_period_seconds=0))
    bench.nodes["n1"].left = []


def test_an_engine_is_removed_when_its_pods_have_ended(bench: Bench) -> None:
    """With their grace period; Node and Lease are removed, too."""
    running(bench, "a", "b")
    bench.remove("n1")
    assert bench.phase("n1")[1] == ("waiting for 2 pod(s) to end: default/a, default/b")
    assert bench.api.get("nodes", "n1")["spec"]["unschedulable"] is True
    assert bench.nodes["n1"].is_running

    end_pods(bench)
    bench.advance(1)

    assert bench.names(ENGINE.resource) == []
    assert bench.names("nodes") == []
    assert bench.names("leases.coordination.k8s.io") == []
    assert bench.running() == []
    assert bench.events("EngineRemoved") == ["node n1 is removed"]


def test_containers_without_a_pod_are_waited_for_too(bench: Bench) -> None:
    """Nothing of ours is left on an engine that is removed."""
    running(bench)
    bench.nodes["n1"].left = ["default/stale"]
    bench.remove("n1")

    assert bench.phase("n1")[1] == "waiting for 1 pod(s) to end: default/stale"


def test_an_engine_that_does_not_answer_is_waited_for(bench: Bench) -> None:
    """However long it takes, unless it is to be given up."""
    running(bench, "a")
    bench.nodes["n1"].trouble = "no answer in time"
    bench.remove("n1")
    bench.advance(300)

    assert bench.names(ENGINE.resource) == ["n1"]
    assert bench.phase("n1") == (
        CONNECTING,
        "waiting for the engine, to remove what is ours: no answer in time",
    )


def test_an_engine_that_does_not_answer_can_be_given_up(bench: Bench) -> None:
    """After ten seconds, its pods are deleted at once, and the Node with them."""
    running(bench, "a")
    bench.nodes["n1"].trouble = "no answer in time"
    force = {"metadata": {"annotations": {FORCE_REMOVAL: "true"}}}
    bench.api.patch(ENGINE.resource, "n1", "", force)
    bench.remove("n1")
    bench.advance(9)
    assert bench.names(ENGINE.resource) == ["n1"]

    bench.advance(2)

    assert bench.names(ENGINE.resource) == []
    assert bench.names("nodes") == []
    assert bench.names("pods") == []


def test_an_engine_that_answers_is_not_given_up(bench: Bench) -> None:
    """Force is for lost engines; pods keep their grace period."""
    running(bench, "a")
    force = {"metadata": {"annotations": {FORCE_REMOVAL: "true"}}}
    bench.api.patch(ENGINE.resource, "n1", "", force)
    bench.remove("n1")
    bench.advance(120)

    assert bench.names("pods") == ["a"]


def test_an_engine_that_was_never_connected_is_removed_at_once(bench: Bench) -> None:
    """There is nothing of ours on it."""
    bench.add("n1")
    bench.remove("n1")

    assert bench.names(ENGINE.resource) == []


def test_the_removal_of_a_refused_engine_affects_no_other_node(bench: Bench) -> None:
    """It is the engine of another node."""
    bench.answers["unix:///n2"] = info("id-1")
    running(bench, "a")
    bench.add("n2")
    assert bench.phase("n2")[0] == REFUSED
    bench.remove("n2")

    assert bench.names(ENGINE.resource) == ["n1"]
    assert bench.names("pods") == ["a"]
    assert bench.nodes["n1"].is_running


def test_a_removal_continues_after_a_restart(bench: Bench) -> None:
    """The engine is connected again, to remove what is ours."""
    running(bench, "a")
    bench.remove("n1")
    bench.restart()
    answer = bench.answers.pop("unix:///n1")
    bench.look("n1")
    assert bench.phase("n1")[1] == (
        "waiting for the engine, to remove what is ours: it is away"
    )

    bench.answers["unix:///n1"] = answer
    bench.advance(5)
    assert bench.nodes["n1"].is_running
    end_pods(bench)
    bench.advance(2)

    assert bench.names(ENGINE.resource) == []

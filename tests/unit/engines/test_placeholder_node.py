"""The Node of an engine that has no agent exists, and shows why."""

from dataclasses import replace

from supervisor.engines.node_view import is_of_our_agent
from supervisor.kinds.identity import ENGINE
from supervisor.model.meta import Object
from tests.unit.engines.keeping import Bench, info

NOT_READY = "node.kubernetes.io/not-ready"


def node(bench: Bench, name: str = "n1") -> Object:
    return bench.api.get("nodes", name)


def condition(bench: Bench, type_: str, name: str = "n1") -> Object:
    rows = node(bench, name)["status"]["conditions"]
    return next((row for row in rows if row["type"] == type_), {})


def test_an_engine_that_never_answered_is_a_node_that_is_not_ready(
    bench: Bench,
) -> None:
    """It has the labels, a taint that keeps pods away, and the reason."""
    bench.add("n1", labels={"zone": "a"})

    found = node(bench)
    labels = {"kubernetes.io/hostname": "n1", "zone": "a"}
    assert found["metadata"]["labels"] == labels
    assert [(t["key"], t["effect"]) for t in found["spec"]["taints"]] == [
        (NOT_READY, "NoSchedule")
    ]
    for type_ in ("Ready", "EngineReachable"):
        said = condition(bench, type_)
        assert (said["status"], said["reason"], said["message"]) == (
            "False",
            "EngineUnavailable",
            "it is away",
        )
        assert not said.get("lastHeartbeatTime")
    assert is_of_our_agent(found)  # so it goes with its Engine


def test_the_reason_is_updated(bench: Bench) -> None:
    """An engine that is too old is refused, and its Node shows that."""
    bench.add("n1")
    since = condition(bench, "Ready")["lastTransitionTime"]
    bench.answers["unix:///n1"] = replace(info("id-1"), api_version="1.24")
    bench.advance(5)

    said = condition(bench, "Ready")
    assert said["reason"] == "EngineTooOld"
    assert "speaks API 1.24, and 1.41 is needed" in said["message"]
    assert said["lastTransitionTime"] == since


def test_the_node_of_an_engine_that_is_added_twice_shows_it(bench: Bench) -> None:
    """The second node names the first."""
    bench.answers["unix:///n1"] = bench.answers["unix:///n2"] = info("id-1")
    bench.add("n1")
    bench.add("n2")

    said = condition(bench, "Ready", "n2")
    assert (said["status"], said["reason"]) == ("False", "EngineTaken")
    assert 'the engine of node "n1" already' in said["message"]
    assert bench.names("nodes") == ["n2"]  # n1's agent registers n1


def test_missing_certificates_are_shown_on_the_node(bench: Bench) -> None:
    """Nothing was sent to the engine, and the Node shows why."""
    bench.add("n1", "tcp://h:2376", tls={"secretName": "s"})

    said = condition(bench, "Ready")
    assert said["reason"] == "BadCertificates"
    assert said["message"] == "secret kube-system/s: not found"


def test_labels_that_change_meanwhile_are_copied_to_the_node(bench: Bench) -> None:
    """With the next attempt; a removed label is removed from the Node."""
    bench.add("n1", labels={"zone": "a", "disk": "ssd"})
    bench.change("n1", labels={"zone": "b", "disk": None})
    bench.advance(5)

    labels = {"kubernetes.io/hostname": "n1", "zone": "b"}
    assert node(bench)["metadata"]["labels"] == labels


def test_a_node_that_was_deleted_is_registered_again(bench: Bench) -> None:
    """As long as its Engine exists."""
    bench.add("n1")
    bench.api.delete("nodes", "n1")
    bench.advance(5)

    assert bench.names("nodes") == ["n1"]


def test_a_node_of_an_engine_that_never_answered_is_removed_at_once(
    bench: Bench,
) -> None:
    """There is nothing to wait for."""
    bench.add("n1")
    bench.remove("n1")

    assert bench.names("nodes") == []
    assert bench.names(ENGINE.resource) == []


def test_ready_is_left_alone_once_an_agent_has_set_it(bench: Bench) -> None:
    """The node lifecycle controller judges what silence means."""
    bench.report("n1", "id-1")
    bench.add("n1")

    assert condition(bench, "Ready")["status"] == "True"
    assert condition(bench, "EngineReachable")["message"] == "it is away"

"""From an Engine object to a node that runs: connecting, refusing, changing."""

from dataclasses import replace

import pytest

from supervisor.client.base import PatchType
from supervisor.model.engine import CONNECTED, CONNECTING, REFUSED
from tests.unit.engines.keeping import Bench, info


def test_an_engine_that_answers_becomes_a_node(bench: Bench) -> None:
    """Its id and version are reported; its agent runs with the labels of the Engine."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1", labels={"zone": "a"})

    assert bench.nodes["n1"].is_running
    assert bench.nodes["n1"].labels == {"zone": "a"}
    assert bench.phase("n1") == (CONNECTED, "")
    assert bench.status("n1")["engineID"] == "id-1"
    assert bench.status("n1")["engineVersion"] == "20.10.24"
    assert bench.events("Connected") == ["connected to unix:///n1"]


def test_an_engine_that_is_away_is_tried_again(bench: Bench) -> None:
    """With pauses that grow to five seconds; no agent runs meanwhile."""
    bench.add("n1")
    assert bench.phase("n1") == (CONNECTING, "it is away")
    assert bench.nodes == {}
    bench.advance(20)
    assert len(bench.tried) == 6  # at 0, 1, 3, 7, 12 and 17 s

    bench.answers["unix:///n1"] = info("id-1")
    bench.advance(5)

    assert bench.phase("n1") == (CONNECTED, "")
    assert bench.events("EngineUnavailable") == ["it is away"] * 2  # Node and Engine


def test_wake_ups_do_not_hasten_the_next_attempt(bench: Bench) -> None:
    """The report of a failure must not cause the next attempt."""
    bench.add("n1")
    for _ in range(5):
        bench.look("n1")

    assert len(bench.tried) == 1


def test_two_nodes_never_share_an_engine(bench: Bench) -> None:
    """The second is refused with a message that names the first, and runs nothing."""
    bench.answers["unix:///n1"] = bench.answers["unix:///n2"] = info("id-1")
    bench.add("n1")
    bench.add("n2")

    phase, message = bench.phase("n2")
    assert phase == REFUSED
    assert 'the engine of node "n1" already' in message
    assert list(bench.nodes) == ["n1"]
    assert set(bench.events("EngineTaken")) == {message}


def test_a_node_keeps_its_engine_while_it_is_away(bench: Bench) -> None:
    """Also after a restart of the daemon, because the id is recorded."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.shared.claims.release("n1")  # as after a restart
    bench.answers["unix:///n2"] = info("id-1")
    bench.add("n2")

    assert bench.phase("n2")[0] == REFUSED


def test_a_refused_engine_is_taken_when_the_other_goes(bench: Bench) -> None:
    """The refused engine is tried again."""
    bench.answers["unix:///n1"] = bench.answers["unix:///n2"] = info("id-1")
    bench.add("n1")
    bench.add("n2")
    bench.remove("n1")
    bench.keeper("n2").retry()
    bench.keeper("n2").step()

    assert bench.phase("n2") == (CONNECTED, "")
    assert bench.nodes["n2"].is_running


def test_an_engine_that_may_not_be_used_is_seldom_tried(bench: Bench) -> None:
    """It may be updated one day."""
    bench.answers["unix:///n1"] = replace(info("id-1"), api_version="1.24")
    bench.add("n1")
    bench.advance(29)
    assert len(bench.tried) == 1
    assert bench.phase("n1")[0] == REFUSED
    assert "speaks API 1.24, and 1.41 is needed" in bench.phase("n1")[1]

    bench.answers["unix:///n1"] = info("id-1")
    bench.advance(2)

    assert bench.phase("n1") == (CONNECTED, "")


def test_labels_change_in_place(bench: Bench) -> None:
    """The agent keeps running; a removed label is removed from the Node as well."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1", labels={"zone": "a", "disk": "ssd"})
    agent = bench.nodes["n1"]
    bench.report("n1", "id-1")
    assert bench.api.get("nodes", "n1")["metadata"]["labels"]["disk"] == "ssd"

    bench.change("n1", labels={"zone": "b", "disk": None})

    assert bench.nodes["n1"] is agent
    assert agent.is_running
    assert agent.labels == {"zone": "b"}
    assert bench.api.get("nodes", "n1")["metadata"]["labels"] == {"zone": "b"}


def test_another_address_replaces_the_agent(bench: Bench) -> None:
    """The agent at the old address stops before the new one starts."""
    bench.answers["unix:///n1"] = bench.answers["unix:///x"] = info("id-1")
    bench.add("n1")
    before = bench.nodes["n1"]

    bench.change("n1", endpoint="unix:///x")

    assert not before.is_running
    assert bench.nodes["n1"] is not before
    assert bench.nodes["n1"].is_running
    assert bench.status("n1")["observedGeneration"] == 2
    assert bench.events("EngineReplaced") == []


def test_another_engine_at_the_same_address_is_reported(bench: Bench) -> None:
    """A wiped disk: the agent keeps running, and starts the pods there."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    bench.clock.advance(60)
    bench.report("n1", "id-2")

    assert bench.status("n1")["engineID"] == "id-2"
    assert bench.nodes["n1"].is_running
    said = bench.events("EngineReplaced")
    assert len(said) == 2  # of the Engine, and of the Node
    assert said[0].startswith("another engine answers at unix:///n1: id-2, before")


def test_an_address_that_leads_to_the_engine_of_another_node_stops_the_agent(
    bench: Bench,
) -> None:
    """Two agents never use one engine."""
    bench.answers["unix:///n1"], bench.answers["unix:///n2"] = (
        info("id-1"),
        info("id-2"),
    )
    bench.add("n1")
    bench.add("n2")
    bench.answers["unix:///n2"] = info("id-1")
    bench.report("n2", "id-1")

    assert not bench.nodes["n2"].is_running
    assert bench.phase("n2")[0] == REFUSED


def test_the_status_follows_what_the_agent_reports(bench: Bench) -> None:
    """An engine that does not answer is connecting; its agent keeps running."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    assert bench.status("n1")["engineVersion"] == "24.0.1"

    bench.clock.advance(60)
    bench.report("n1", "id-1", ready=False)
    assert bench.phase("n1") == (CONNECTING, "gone")
    bench.report("n1", "id-1")

    assert bench.phase("n1") == (CONNECTED, "")
    assert len(bench.tried) == 1


def test_what_an_earlier_agent_wrote_does_not_count(bench: Bench) -> None:
    """The state of the Node may be from before a restart."""
    bench.report("n1", "id-0", ready=False)
    bench.clock.advance(60)
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.look("n1")
    assert bench.phase("n1") == (CONNECTED, "")

    bench.advance(20)

    assert bench.phase("n1") == (CONNECTING, "gone")


def test_plain_tcp_is_a_warning(bench: Bench) -> None:
    """It is allowed explicitly, but dangerous."""
    bench.answers["tcp://h:2375"] = info("id-1")
    bench.add("n1", "tcp://h:2375", insecure=True)

    assert bench.phase("n1") == (CONNECTED, "")
    assert bench.events("EngineInsecure") == [
        "tcp://h:2375 is not protected: whoever reaches it is root there"
    ]


@pytest.mark.parametrize("secret", [None, {"ca.crt": "eA==", "tls.crt": "eA=="}])
def test_missing_certificates_are_reported(
    bench: Bench, secret: dict[str, str] | None
) -> None:
    """Nothing is sent to the engine without them."""
    if secret is not None:
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s"},
            "data": secret,
        }
        bench.api.create("secrets", body, "kube-system")
    bench.add("n1", "tcp://h:2376", tls={"secretName": "s"})

    phase, message = bench.phase("n1")
    wanted = "has no tls.key" if secret else "not found"
    assert phase == CONNECTING
    assert message == f"secret kube-system/s: {wanted}"
    assert bench.tried == []


def test_the_node_of_an_engine_that_is_away_at_the_start_shows_why(
    bench: Bench,
) -> None:
    """No agent runs that could; Ready is left to the node lifecycle controller."""
    bench.report("n1", "id-1")
    bench.add("n1")

    rows = bench.api.get("nodes", "n1")["status"]["conditions"]
    told = {row["type"]: (row["status"], row["message"]) for row in rows}
    assert told["Ready"][0] == "True"
    assert told["EngineReachable"] == ("False", "it is away")


def test_an_engine_that_stops_answering_is_reported_at_once(bench: Bench) -> None:
    """Before the node is considered lost."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    row = {"type": "EngineReachable", "status": "False", "message": "refused"}
    patch = {"status": {"conditions": [row]}}
    bench.api.patch("nodes", "n1", "", patch, PatchType.STRATEGIC, subresource="status")
    bench.look("n1")

    assert bench.phase("n1") == (CONNECTING, "refused")

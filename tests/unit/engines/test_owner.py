"""Engines of another store: refused, taken over by order, and lost."""

import pytest

from supervisor.model.engine import CONNECTED, CONNECTING, REFUSED, TAKE_OVER
from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.ownership import CONFIRM_SECONDS, HANDOVER_SECONDS
from tests.unit.engines.keeping import Bench, info

HERS = Claim("store-b", "node-x", "beta")
WHERE = "unix:///n1"


@pytest.fixture
def hers(bench: Bench) -> Bench:
    """An engine that answers, and belongs to another store."""
    bench.answers[WHERE] = info("id-1")
    bench.claims_at(WHERE).make(HERS)
    return bench


def order(bench: Bench, whom: str) -> None:
    patch = {"metadata": {"annotations": {TAKE_OVER: whom}}}
    bench.api.patch("engines.supervisor.io", "n1", "", patch)
    bench.look("n1")


def condition(bench: Bench) -> tuple[str, str]:
    """Status and reason of the Node's condition about its engine."""
    rows = bench.api.get("nodes", "n1")["status"]["conditions"]
    found = next(row for row in rows if row["type"] == "EngineReachable")
    return found["status"], found["reason"]


def owner(bench: Bench) -> str:
    held = bench.claims_at(WHERE).held
    return held.store if held else ""


def test_a_connected_engine_is_claimed(bench: Bench) -> None:
    """The claim is shown in its status."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")

    assert owner(bench) == bench.store
    told = bench.status("n1")["owner"]
    assert (told["store"], told["node"], told["host"]) == (bench.store, "n1", "alpha")


def test_a_new_daemon_takes_its_claims_back(bench: Bench) -> None:
    """At once, with the same store."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    claim = bench.claims_at(WHERE).held
    bench.restart()
    bench.look("n1")

    assert bench.running() == ["n1"]
    assert bench.claims_at(WHERE).held == claim
    assert bench.taken_over == []


def test_an_engine_of_another_store_is_refused(hers: Bench) -> None:
    """Engine, Node and events name its owner; nothing runs there."""
    hers.add("n1")

    phase, message = hers.phase("n1")
    assert phase == REFUSED
    assert message == (
        "the engine belongs to store store-b of the daemon on host beta, which calls "
        'it node "node-x"; two daemons cannot share an engine under one cluster name. '
        "`supervisor node takeover` takes it over"
    )
    assert condition(hers) == ("False", "EngineClaimed")
    assert set(hers.events("EngineClaimed")) == {message}
    assert hers.status("n1")["owner"]["store"] == "store-b"
    assert (hers.running(), owner(hers)) == ([], "store-b")


def test_it_is_claimed_when_its_owner_releases_it(hers: Bench) -> None:
    """At most half a minute later."""
    hers.add("n1")
    hers.claims_at(WHERE).held = None
    hers.advance(31)

    assert hers.phase("n1") == (CONNECTED, "")
    assert owner(hers) == hers.store


@pytest.mark.parametrize("whom", ["store-b", "true"])
def test_it_is_taken_over_by_order(hers: Bench, whom: str) -> None:
    """At once, except for the seconds in which its owner may still act."""
    hers.add("n1")
    order(hers, whom)
    assert owner(hers) == hers.store
    assert hers.running() == []
    assert hers.phase("n1") == (
        CONNECTING,
        "the engine was taken over; store store-b has a few seconds to let go",
    )

    hers.advance(HANDOVER_SECONDS + 5)

    assert hers.phase("n1") == (CONNECTED, "")
    assert hers.running() == ["n1"]
    text = "the engine was taken over from store store-b"
    assert set(hers.events("EngineTakenOver")) == {text}
    assert hers.taken_over == [[]], "the store is told once, before any agent is there"


def test_the_handover_survives_a_restart(hers: Bench) -> None:
    """The next daemon reads the time of the takeover from the claim."""
    hers.add("n1")
    order(hers, "true")
    hers.restart()
    hers.look("n1")
    assert hers.running() == []

    hers.advance(HANDOVER_SECONDS + 5)

    assert hers.running() == ["n1"]


def test_an_order_is_carried_out_once(hers: Bench) -> None:
    """An engine that is lost again is not taken over again."""
    hers.add("n1")
    order(hers, "true")
    meta = hers.api.get("engines.supervisor.io", "n1")["metadata"]
    assert TAKE_OVER not in meta.get("annotations", {})
    hers.advance(HANDOVER_SECONDS + 5)
    hers.claims_at(WHERE).held = HERS

    hers.advance(60)

    assert hers.phase("n1")[0] == REFUSED
    assert owner(hers) == "store-b"


def test_an_order_about_another_owner_is_refused(hers: Bench) -> None:
    """The order was for another owner; the text contains the allowed values."""
    hers.add("n1")
    order(hers, "store-c")

    phase, message = hers.phase("n1")
    assert phase == REFUSED
    assert message.endswith(
        "The annotation supervisor.io/take-over is 'store-c': it must be 'store-b' or "
        "'true' to take the engine over"
    )


def test_an_order_for_an_engine_that_is_ours_is_removed(bench: Bench) -> None:
    """It has no effect, now or later."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    order(bench, "true")
    bench.restart()
    bench.look("n1")

    meta = bench.api.get("engines.supervisor.io", "n1")["metadata"]
    assert TAKE_OVER not in meta.get("annotations", {})
    assert bench.events("EngineTakenOver") == []


def test_an_engine_that_was_taken_over_is_released_within_seconds(bench: Bench) -> None:
    """The agent stops, and the Engine names the new owner."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    bench.claims_at(WHERE).held = HERS

    bench.advance(CONFIRM_SECONDS)

    assert bench.running() == []
    assert bench.phase("n1")[0] == REFUSED
    assert "belongs to store store-b" in bench.phase("n1")[1]
    assert condition(bench) == ("False", "EngineClaimed")


def test_an_engine_that_is_away_is_not_lost(bench: Bench) -> None:
    """Its claim is unknown, not lost."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    bench.claims_at(WHERE).away = EngineUnavailable("no answer in time")

    bench.advance(60)

    assert bench.running() == ["n1"]


def test_an_engine_that_refuses_a_claim_is_used(bench: Bench) -> None:
    """The Engine is connected, and its status says what is missing."""
    bench.answers[WHERE] = info("id-1")
    bench.claims_at(WHERE).refusal = "no space left on device"
    bench.add("n1")

    assert bench.running() == ["n1"]
    assert bench.phase("n1") == (
        CONNECTED,
        "the engine refuses to record whose it is: no space left on device",
    )
    assert bench.status("n1")["conditions"][0]["reason"] == "Unclaimed"
    bench.claims_at(WHERE).refusal = ""
    bench.report("n1", "id-1")
    bench.advance(31)

    assert bench.phase("n1") == (CONNECTED, "")
    assert owner(bench) == bench.store


def test_a_removed_node_releases_its_engine(bench: Bench) -> None:
    """Another daemon can claim it at once."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    bench.remove("n1")

    assert bench.names("engines.supervisor.io") == []
    assert owner(bench) == ""


def test_a_node_whose_engine_belongs_to_another_store_can_be_removed(
    hers: Bench,
) -> None:
    """Its containers are not waited for, and the claim stays."""
    hers.add("n1")
    hers.remove("n1")

    assert hers.names("engines.supervisor.io") == []
    assert owner(hers) == "store-b"


def test_a_node_whose_engine_is_lost_during_the_removal_is_removed(
    bench: Bench,
) -> None:
    """There is nothing of ours left to wait for."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    bench.nodes["n1"].left = ["default/web"]
    bench.remove("n1")
    assert bench.names("engines.supervisor.io") == ["n1"]

    bench.claims_at(WHERE).held = HERS
    bench.advance(CONFIRM_SECONDS + 2)

    assert bench.names("engines.supervisor.io") == []
    assert owner(bench) == "store-b"

"""A call of the API that fails changes nothing about the end, whichever it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from supervisor.model.engine import TAKE_OVER
from supervisor.model.meta import Object
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.ownership import CONFIRM_SECONDS
from tests.unit.engines.keeping import Bench, info
from tests.unit.engines.test_removal import end_pods, running

HERS = Claim("store-b", "node-x", "beta")
WHERE = "unix:///n1"
MAX_CALLS = 40


def connect(bench: Bench) -> None:
    """An engine that is away at first."""
    bench.add("n1", labels={"zone": "a"})
    bench.advance(10)
    bench.answers[WHERE] = info("id-1")
    bench.advance(10)
    bench.report("n1", "id-1")
    bench.advance(60)


def take_over(bench: Bench) -> None:
    """By order, from another store."""
    bench.answers[WHERE] = info("id-1")
    bench.claims_at(WHERE).make(HERS)
    bench.add("n1")
    bench.advance(5)
    patch = {"metadata": {"annotations": {TAKE_OVER: "store-b"}}}
    bench.api.patch("engines.supervisor.io", "n1", "", patch)
    bench.look("n1")
    bench.advance(20)
    assert bench.running() == ["n1"]
    bench.report("n1", "id-1")
    bench.advance(60)


def lose(bench: Bench) -> None:
    """To another store, while the agent runs."""
    bench.answers[WHERE] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    bench.claims_at(WHERE).held = HERS
    bench.advance(CONFIRM_SECONDS + 60)


def move(bench: Bench) -> None:
    """To another address and other labels."""
    bench.answers[WHERE] = bench.answers["unix:///x"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    bench.change("n1", endpoint="unix:///x", labels={"zone": "b"})
    bench.advance(20)
    bench.report("n1", "id-1")
    bench.advance(60)


def remove(bench: Bench) -> None:
    """With pods that end after a while."""
    running(bench, "a", "b")
    bench.remove("n1")
    bench.advance(5)
    end_pods(bench)
    bench.advance(60)


def end(bench: Bench) -> Object:
    """What is left, and what an observer sees of it."""
    found: Object = {
        "running": bench.running(),
        "engines": bench.names("engines.supervisor.io"),
        "nodes": bench.names("nodes"),
        "owner": [_owner(bench, where) for where in sorted(bench.claims)],
    }
    if found["engines"]:
        status = bench.status("n1")
        found["phase"] = bench.phase("n1")
        found["status"] = (status.get("engineID"), status["observedGeneration"])
    for node in bench.api.list("nodes").items:
        found["labels"] = node["metadata"].get("labels")
        rows = node["status"]["conditions"]
        found["conditions"] = [(r["type"], r["status"], r["reason"]) for r in rows]
    return found


def _owner(bench: Bench, where: str) -> str:
    held = bench.claims[where].held
    return "" if held is None else held.store.replace(bench.store, "us")


@pytest.mark.parametrize("story", [connect, take_over, lose, move, remove])
def test_a_failed_call_does_not_change_the_end(
    story: Callable[[Bench], None], tmp_path: Path
) -> None:
    """The keeper looks again, and does what is missing."""
    uninterrupted = Bench(tmp_path / "engines")
    story(uninterrupted)
    failed = 0
    for calls in range(MAX_CALLS):
        bench = Bench(tmp_path / str(calls))
        bench.keepers_api.calls_left = calls
        story(bench)

        assert end(bench) == end(uninterrupted), f"after {calls} calls"
        failed += bench.keepers_api.calls_left is None

    assert failed >= 10

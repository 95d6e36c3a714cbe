"""`supervisor node takeover`, run as a user runs it, against the API."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.cli.root import run
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import TAKE_OVER
from supervisor.model.meta import Object
from tests.api_server import ApiServer, serving

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """An API with one engine, n1."""
    with serving(tmp_path) as made:
        body: Object = {"apiVersion": "supervisor.io/v1", "kind": "Engine"}
        body |= {"metadata": {"name": "n1"}, "spec": {"endpoint": "unix:///n1"}}
        made.registry.create(ENGINE.resource, body)
        monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
        yield made


@pytest.fixture
def say(server: ApiServer, capfd: pytest.CaptureFixture[str]) -> Say:
    """Runs the command: (exit code, stdout, stderr)."""

    def command(*words: str) -> tuple[int, str, str]:
        code = run(("node", "takeover", *words))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return command


def put(server: ApiServer, phase: str, store: str = "", message: str = "") -> None:
    status: Object = {"phase": phase, "message": message}
    if store:
        status["owner"] = {"store": store}
    server.registry.patch(
        ENGINE.resource, "n1", "", {"status": status}, subresource="status"
    )


def order(server: ApiServer) -> str | None:
    meta = server.registry.get(ENGINE.resource, "n1")["metadata"]
    found: str | None = meta.get("annotations", {}).get(TAKE_OVER)
    return found


def test_the_order_names_who_has_the_engine(server: ApiServer, say: Say) -> None:
    """So that it is not carried out against somebody else, who comes later."""
    put(server, "Refused", "store-b")

    assert say("n1", "--wait=false") == (0, "node/n1 is being taken over\n", "")
    assert order(server) == "store-b"


def test_an_engine_that_is_away_is_taken_from_whoever_has_it(
    server: ApiServer, say: Say
) -> None:
    """Once it answers."""
    put(server, "Connecting")

    assert say("n1", "--wait=false")[0] == 0
    assert order(server) == "true"


def test_an_engine_of_ours_is_left_as_it_is(server: ApiServer, say: Say) -> None:
    """No order stays that could be carried out later."""
    put(server, "Connected", "ours")

    assert say("n1") == (0, "node/n1 is already owned by this daemon\n", "")
    assert order(server) is None


def test_a_wait_that_takes_too_long_ends(server: ApiServer, say: Say) -> None:
    """With the reason; the order stays."""
    put(server, "Connecting", "", "no answer in time")

    code, out, err = say("n1", "--timeout", "1s")

    assert (code, out) == (1, "node/n1 is being taken over\n")
    assert "timed out waiting: no answer in time" in err
    assert order(server) == "true"


def test_a_node_that_there_is_not(say: Say) -> None:
    """As for every verb."""
    code, _, err = say("n2")

    assert code == 1
    assert '"n2" not found' in err

"""The engine is away, frozen, slow or mad: nothing is concluded, and all comes back."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.model.meta import Object
from tests.checks import always, controller_manifest, eventually, ready_pods, shell
from tests.daemon import Daemon
from tests.integration.lab import Lab, condition
from tests.integration.relay import Mode, Relay

pytestmark = pytest.mark.docker

NODE = "relayed"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    made = Relay(tmp_path / "engine.sock")
    yield made
    made.stop()


@pytest.fixture
def relayed(relay: Relay, tmp_path: Path) -> Iterator[Lab]:
    """A daemon, not started, that has the engine only through the relay."""
    node = {"name": NODE, "engine": relay.address}
    made = Daemon(tmp_path / "daemon", {"nodes": [node]})
    yield Lab(made, "default")
    relay.stop()
    made.close()


def node_condition(lab: Lab) -> Object:
    rows = lab.client.list("nodes", fields=f"metadata.name={NODE}").items
    return condition(rows[0], "Ready") if rows else {}


def node_is_ready(lab: Lab) -> None:
    eventually(
        lambda: node_condition(lab).get("status") == "True",
        within=30,
        what="the node is ready",
    )


def node_is_not_ready(lab: Lab, within: float = 30) -> None:
    """False, or Unknown when nothing has been heard of it for long enough."""
    eventually(
        lambda: node_condition(lab).get("status") in ("False", "Unknown"),
        within=within,
        what="the node is not ready",
    )


def engine_trouble(lab: Lab) -> str:
    """What the Engine object says of an engine that does not answer."""
    status = lab.client.get("engines.supervisor.io", NODE).get("status", {})
    return str(status.get("message", "")) if status.get("phase") != "Connected" else ""


def picture(lab: Lab) -> set[tuple[str, str]]:
    """Every container of the daemon on the engine."""
    return {(c.id, c.status) for c in lab.daemon.containers()}


def test_a_daemon_starts_without_an_engine(relayed: Lab, relay: Relay) -> None:
    """The API answers, Engine and Node say what is wrong; then the engine comes."""
    relayed.daemon.start()
    node_is_not_ready(relayed)
    eventually(lambda: engine_trouble(relayed), within=30)
    said = node_condition(relayed)
    assert said["reason"] == "EngineUnavailable"
    assert said["message"] == engine_trouble(relayed)
    relayed.run("early", shell("main", "exec sleep 600"))
    always(lambda: not relayed.daemon.containers(), during=0.5)
    relay.start()
    node_is_ready(relayed)
    relayed.ready("early", within=30)


@pytest.mark.parametrize(
    "mode", [Mode.CUT, Mode.FROZEN, Mode.GARBAGE, Mode.ERROR, Mode.LIES]
)
def test_nothing_is_concluded_from_an_engine_that_is_away(
    relayed: Lab, relay: Relay, mode: Mode
) -> None:
    """The node is not ready, pods stay as they are; recovery touches no container."""
    relay.start()
    relayed.daemon.start()
    body = controller_manifest("group", 2, shell("main", "exec sleep 600"))
    relayed.client.create("replicationcontrollers", body, "default")
    eventually(lambda: len(ready_pods(relayed.client, "default")) == 2)
    pods, before = ready_pods(relayed.client, "default"), picture(relayed)

    relay.turn(mode)
    node_is_not_ready(relayed, within=40)
    assert picture(relayed) == before
    names = [p["metadata"]["name"] for p in relayed.client.list("pods").items]
    assert sorted(names) == pods

    relay.turn(Mode.PASS)
    node_is_ready(relayed)
    eventually(lambda: ready_pods(relayed.client, "default") == pods, within=15)
    assert picture(relayed) == before
    assert all(relayed.restarts(name, "main") == 0 for name in pods)


def test_what_happened_meanwhile_is_made_good(relayed: Lab, relay: Relay) -> None:
    """Deaths, deletions and new pods of the time without an engine count afterwards."""
    relay.start()
    relayed.daemon.start()
    for name in ("dies", "goes", "stays"):
        relayed.run(name, shell("main", "exec sleep 600"))
    for name in ("dies", "goes", "stays"):
        relayed.ready(name)
    stays = relayed.running("stays", "main").id
    relay.turn(Mode.CUT)
    node_is_not_ready(relayed)
    relayed.running("dies", "main").kill()
    relayed.delete("goes")
    relayed.run("comes", shell("main", "exec sleep 600"))
    assert relayed.exists("goes")
    relay.turn(Mode.PASS)
    relayed.gone("goes", within=40)
    relayed.ready("comes", within=40)
    assert relayed.restarted("dies", "main")["restartCount"] == 1
    assert relayed.running("stays", "main").id == stays
    assert relayed.restarts("stays", "main") == 0


def test_logs_and_exec_say_that_the_engine_is_away(relayed: Lab, relay: Relay) -> None:
    """A user is told in one clear sentence instead of waiting."""
    relay.start()
    relayed.daemon.start()
    relayed.run("talks", shell("main", "echo hello; exec sleep 600"))
    relayed.ready("talks")
    relay.turn(Mode.CUT)
    told = relayed.daemon.supervisor("logs", "talks")
    assert told.returncode != 0
    assert "engine" in told.stderr
    relay.turn(Mode.PASS)
    eventually(lambda: "hello" in relayed.daemon.supervisor("logs", "talks").stdout)


def test_a_slow_engine_is_only_slow(relayed: Lab, relay: Relay) -> None:
    """Late answers delay what is to be done, and change nothing about it."""
    relay.start()
    relayed.daemon.start()
    relay.turn(Mode.SLOW)
    relayed.run("patient", shell("main", "exec sleep 600"))
    relayed.ready("patient", within=60)
    assert node_condition(relayed)["status"] == "True"
    relayed.running("patient", "main").kill()
    assert relayed.restarted("patient", "main")["restartCount"] == 1
    rows = relayed.instances("patient", "main")
    assert [c.status for c in rows].count("running") == 1


def test_an_engine_that_flickers_starts_nothing_twice(
    relayed: Lab, relay: Relay
) -> None:
    """Cut again and again in the middle of starts: exact counts in the end."""
    relay.start()
    relayed.daemon.start()
    body = controller_manifest("group", 4, shell("main", "exec sleep 600"))
    relayed.client.create("replicationcontrollers", body, "default")
    for number in range(5):
        time.sleep(0.15 + number * 0.1)
        relay.turn(Mode.CUT)
        time.sleep(0.1)
        relay.turn(Mode.PASS)
    eventually(lambda: len(ready_pods(relayed.client, "default")) == 4)

    def counts() -> tuple[int, int]:
        rows = relayed.daemon.containers()
        alive = [c for c in rows if c.status == "running"]
        main = [c for c in alive if c.name.startswith("k8s_main")]
        return len(alive), len(main)

    eventually(lambda: counts() == (8, 4), within=40)
    always(lambda: counts() == (8, 4), during=1)

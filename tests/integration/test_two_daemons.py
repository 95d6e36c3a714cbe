"""Two daemons with one cluster name on one engine: one has it, the other is told so."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.kinds.identity import ENGINE
from supervisor.model.meta import Object
from supervisor.runtime.base import CLAIM, CLUSTER
from tests.checks import always, eventually, shell
from tests.daemon import Daemon, engine
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker

NODE = "one"


@pytest.fixture
def daemons(tmp_path: Path) -> Iterator[tuple[Lab, Lab]]:
    """Each with a store of its own, and the same cluster; the first one runs."""
    first = Daemon(tmp_path / "a", {"nodes": [{"name": NODE}]})
    second = Daemon(tmp_path / "b", {"nodes": [{"name": NODE}]})
    second.cluster = first.cluster
    second.configure(cluster=first.cluster)
    try:
        first.start()
        yield Lab(first, "default"), Lab(second, "default")
    finally:
        second.close()
        first.close()


def status(lab: Lab) -> Object:
    found: Object = lab.client.get(ENGINE.resource, NODE).get("status") or {}
    return found


def is_in(lab: Lab, phase: str) -> bool:
    return bool(status(lab).get("phase") == phase)


def store_of(lab: Lab) -> str:
    """Whose the engine is, as this daemon says."""
    return str(status(lab)["owner"]["store"])


def claims(lab: Lab, **options: bool) -> list[str]:
    """The store of each claim of the cluster, of which there must be one."""
    wanted = {"label": [f"{CLUSTER}={lab.daemon.cluster}", CLAIM]}
    rows = engine().api.containers(filters=wanted, **options)
    return [row["Labels"][CLAIM] for row in rows]


def takeover(lab: Lab) -> str:
    done = lab.daemon.supervisor("node", "takeover", NODE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def seen(lab: Lab) -> dict[str, str]:
    """Running containers of the cluster: id and instant of the start."""
    rows = [c for c in lab.daemon.containers() if c.status == "running"]
    return {c.id: c.attrs["State"]["StartedAt"] for c in rows}


def test_the_second_daemon_touches_nothing(daemons: tuple[Lab, Lab]) -> None:
    """It says whose the engine is, in every place where one looks for it."""
    first, second = daemons
    first.run("web", shell("main", "exec sleep 600"))
    first.ready("web")
    before = seen(first)

    second.daemon.start()
    eventually(lambda: is_in(second, "Refused"))

    always(lambda: seen(first) == before, during=10)
    assert first.restarts("web", "main") == 0
    owner = store_of(first)
    assert claims(first) == [owner]
    text = f"the engine belongs to store {owner} of the daemon on host "
    text += f'{socket.gethostname()}, which calls it node "{NODE}"'
    assert text in second.daemon.supervisor("node", "list").stdout
    assert text in second.daemon.supervisor("describe", "node", NODE).stdout
    assert text in second.daemon.supervisor("doctor").stdout
    events = second.client.list("events", fields="reason=EngineClaimed").items
    assert any(text in event["message"] for event in events)
    assert text in second.daemon.log.read_text()


def test_a_live_daemon_that_loses_its_engine_stops(daemons: tuple[Lab, Lab]) -> None:
    """Within seconds; from then on only the new owner acts. It holds the pods that it
    finds until a person decides.
    """
    first, second = daemons
    first.run("old", shell("main", "exec sleep 600"))
    first.ready("old")
    before = seen(first)
    second.daemon.start()
    eventually(lambda: is_in(second, "Refused"))
    second.run("new", shell("main", "exec sleep 600"))

    assert "taken over" in takeover(second)
    eventually(lambda: is_in(first, "Refused"), within=8)
    second.ready("new")

    assert store_of(first) == store_of(second) == claims(first)[0]
    both = seen(second)
    assert before.items() <= both.items() and len(both) == 4  # two of each pod
    always(lambda: seen(second) == both, during=8)
    assert second.restarts("new", "main") == 0
    listed = second.daemon.supervisor("adopt", "--dry-run").stdout
    assert "pod/old" in listed and "made from another store" in listed
    folder = str(second.daemon.state)
    doctor = second.daemon.supervisor("doctor", "--state-dir", folder).stdout
    assert "default/old" in doctor and "none on any node's engine" in doctor
    second.daemon.supervisor("adopt", "--accept-loss")
    eventually(lambda: len(seen(second)) == 2, within=40)
    assert seen(second).items() <= both.items()


def test_a_daemon_that_hung_finds_its_engine_taken(daemons: tuple[Lab, Lab]) -> None:
    """What it knew before is worth nothing when it wakes up: it asks before it acts."""
    first, second = daemons
    first.run("old", shell("main", "exec sleep 600"))
    first.ready("old")
    second.daemon.start()
    eventually(lambda: is_in(second, "Refused"))
    first.daemon.process.send_signal(signal.SIGSTOP)
    takeover(second)
    second.run("new", shell("main", "exec sleep 600"))
    second.ready("new")
    both = seen(second)
    assert len(both) == 4  # sandbox and container of each pod; the old one is held

    first.daemon.process.send_signal(signal.SIGCONT)

    always(lambda: seen(second) == both, during=8)
    eventually(lambda: is_in(first, "Refused"))


def test_an_engine_of_a_dead_daemon_waits_for_the_order(
    daemons: tuple[Lab, Lab],
) -> None:
    """Its pods run on until then; the dead one's return finds the engine taken."""
    first, second = daemons
    first.run("web", shell("main", "exec sleep 600"))
    first.ready("web")
    before = seen(first)
    first.daemon.stop(signal.SIGKILL)
    second.daemon.start()
    eventually(lambda: is_in(second, "Refused"))
    always(lambda: seen(second) == before, during=3)

    takeover(second)
    eventually(lambda: is_in(second, "Connected"))
    first.daemon.start()
    eventually(lambda: is_in(first, "Refused"))

    assert claims(first) == [store_of(second)]


def test_a_claim_survives_a_prune_and_its_removal(daemons: tuple[Lab, Lab]) -> None:
    """It runs, so no prune takes it; one that is removed is made anew."""
    first, _ = daemons
    eventually(lambda: is_in(first, "Connected"))
    owner = [store_of(first)]
    mine = {"label": f"{CLUSTER}={first.daemon.cluster}"}
    engine().containers.prune(filters=mine)
    assert claims(first) == owner

    for row in engine().api.containers(filters=mine):
        engine().api.remove_container(row["Id"], force=True)
    assert claims(first, all=True) == []

    eventually(lambda: claims(first) == owner, within=8)


def test_a_restored_store_has_its_own_engines_back_and_a_copy_has_none(
    daemons: tuple[Lab, Lab],
) -> None:
    """The copy is refused while the first daemon runs, and when it has stopped; the
    first one, restored in place, goes on without an order and without a restart.
    """
    first, second = daemons
    first.run("web", shell("main", "exec sleep 600"))
    first.ready("web")
    before, owner = seen(first), store_of(first)
    backup = first.daemon.folder / "backup.db"
    assert first.daemon.supervisor("backup", str(backup)).returncode == 0
    restore(second, backup)
    second.daemon.start()
    eventually(lambda: is_in(second, "Refused"))
    assert claims(first) == [owner]
    first.daemon.stop()
    restore(first, backup)

    first.daemon.start()

    eventually(lambda: claims(first) != [owner], what="the claim is taken back")
    eventually(lambda: claims(first) == [store_of(first)])
    eventually(lambda: is_in(first, "Connected"))
    assert is_in(second, "Refused") and seen(first) == before
    first.ready("web")


def restore(lab: Lab, backup: Path) -> None:
    folder = str(lab.daemon.state)
    done = lab.daemon.supervisor("restore", str(backup), "--state-dir", folder)
    assert done.returncode == 0, done.stderr

"""A store that was lost, set back or removed: what runs is held for a decision."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.checks import always, eventually, shell
from tests.daemon import Daemon
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A daemon with one pod that runs. The cluster's name is no setting, but the one
    that is kept beside the store.
    """
    daemon = Daemon(tmp_path / "daemon", {"cluster": ""})
    try:
        daemon.state.mkdir(parents=True)
        (daemon.state / "cluster-id").write_text(daemon.cluster)
        daemon.start()
        lab = Lab(daemon, "default")
        lab.run("stays", shell("main", "exec sleep 600"))
        lab.ready("stays")
        yield lab
    finally:
        daemon.close()


def lose_store(lab: Lab) -> None:
    for suffix in ("", "-wal", "-shm"):
        (lab.daemon.state / f"store.db{suffix}").unlink(missing_ok=True)


def held(lab: Lab) -> Object:
    """The condition of the node, once pods are held."""

    def found() -> list[Object]:
        nodes = lab.client.list("nodes").items
        rows = [c for n in nodes for c in n.get("status", {}).get("conditions", ())]
        return [c for c in rows if c["type"] == "RemovalHeld" and c["status"] == "True"]

    return eventually(found, what="the node says that pods are held")[0]


def is_free(lab: Lab) -> bool:
    rows = [
        c for n in lab.client.list("nodes").items for c in n["status"]["conditions"]
    ]
    return all(r["status"] == "False" for r in rows if r["type"] == "RemovalHeld")


def test_a_lost_store_removes_nothing_and_adopt_brings_it_back(lab: Lab) -> None:
    """The container runs on, told of by condition, event, describe and doctor; adopted,
    its pod is what it was, and can be deleted as ever.
    """
    before, container = lab.pod("stays"), lab.running("stays", "main").id
    lab.daemon.stop(signal.SIGKILL)
    lose_store(lab)

    lab.daemon.start()

    assert "default/stays (it was made from another store" in held(lab)["message"]
    always(lambda: lab.running("stays", "main").id == container, during=2)
    node = lab.client.list("nodes").items[0]["metadata"]["name"]
    described = lab.daemon.supervisor("describe", "node", node).stdout
    assert "RemovalHeld" in described
    doctor = lab.daemon.supervisor("doctor", "--state-dir", str(lab.daemon.state))
    assert "default/stays" in doctor.stdout and doctor.returncode == 1
    listed = lab.daemon.supervisor("adopt", "--dry-run")
    assert "pod/stays (namespace default" in listed.stdout and "held" in listed.stdout

    adopted = lab.daemon.supervisor("adopt")

    assert adopted.returncode == 0 and "adopted" in adopted.stdout, adopted
    after = lab.ready("stays")
    for field in ("uid", "creationTimestamp", "labels"):
        assert after["metadata"][field] == before["metadata"][field]
    assert after["spec"] == before["spec"]
    assert lab.running("stays", "main").id == container
    assert lab.restarts("stays", "main") == 0
    eventually(lambda: is_free(lab), what="nothing is held any more")
    lab.delete("stays")
    lab.gone("stays")


def test_the_loss_can_be_accepted(lab: Lab) -> None:
    """Then the store wins, and what it does not know is removed."""
    lab.daemon.stop(signal.SIGKILL)
    lose_store(lab)
    lab.daemon.start()
    held(lab)

    accepted = lab.daemon.supervisor("adopt", "--accept-loss")

    assert "removed" in accepted.stdout
    lab.gone("stays")
    eventually(lambda: is_free(lab), what="nothing is held any more")


def test_pods_that_are_newer_than_a_restored_backup_are_held(lab: Lab) -> None:
    """Those that it has are taken up as they run; a newer one waits for a decision."""
    copy = lab.daemon.folder / "copy.db"
    made = lab.daemon.supervisor("backup", str(copy))
    assert "verified" in made.stdout, made
    lab.run("newer", shell("main", "exec sleep 600"))
    lab.ready("newer")
    ids = {name: lab.running(name, "main").id for name in ("stays", "newer")}
    folder = ["--state-dir", str(lab.daemon.state)]
    busy = lab.daemon.supervisor("restore", str(copy), *folder)
    assert busy.returncode == 1 and "in use by another daemon" in busy.stderr
    lab.daemon.stop()
    restored = lab.daemon.supervisor("restore", str(copy), *folder)
    assert restored.returncode == 0, restored
    (lab.daemon.state / "cluster-id").write_text(lab.daemon.cluster)

    lab.daemon.start()

    assert "1 pod(s) run here" in held(lab)["message"]
    lab.ready("stays")
    for name, container in ids.items():
        assert lab.running(name, "main").id == container
    lab.daemon.supervisor("adopt")
    lab.ready("newer")
    assert lab.running("newer", "main").id == ids["newer"]


def test_a_store_set_back_by_hand_is_noticed(lab: Lab) -> None:
    """Its log was removed: it is the same store, and older than what runs."""
    lab.daemon.stop()
    store = lab.daemon.state / "store.db"
    older = store.read_bytes()
    lab.daemon.start()
    lab.run("newer", shell("main", "exec sleep 600"))
    lab.ready("newer")
    container = lab.running("newer", "main").id
    lab.daemon.stop(signal.SIGKILL)
    lose_store(lab)
    store.write_bytes(older)

    lab.daemon.start()

    assert "default/newer (the store is older than" in held(lab)["message"]
    assert lab.running("newer", "main").id == container


def test_a_store_removed_while_it_is_in_use_refuses_writes(lab: Lab) -> None:
    """Nothing is acknowledged that would be lost, and the rest can be saved."""
    (lab.daemon.state / "store.db").unlink()

    with pytest.raises(ApiError, match=r"store\.db has been removed") as refused:
        lab.make("configmaps", "lost", data={})

    assert refused.value.code == 500
    assert lab.pod("stays")["status"]["phase"] == "Running"
    eventually(lambda: "has been removed" in lab.daemon.tail(), within=15)
    saved = lab.daemon.folder / "saved.db"
    assert "verified" in lab.daemon.supervisor("backup", str(saved)).stdout

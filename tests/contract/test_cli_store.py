"""`supervisor backup` and `supervisor adopt`, run as a user runs them."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.cli.root import run
from supervisor.client.node import HeldPod
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.api_server import ApiServer, serving
from tests.damage import damage
from tests.fakes import manifests

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API with one node, node-1."""
    with serving(tmp_path_factory.mktemp("state")) as made:
        node: Object = {"apiVersion": "v1", "kind": "Node"}
        made.registry.create("nodes", node | {"metadata": {"name": "node-1"}})
        yield made


@pytest.fixture
def say(
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Say:
    """Runs the command: (exit code, stdout, stderr)."""
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))

    def command(*words: str) -> tuple[int, str, str]:
        code = run(words)
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return command


def held(name: str, *, manifest: bool = True) -> HeldPod:
    pod: Object = manifests.pod(name)
    pod["metadata"] |= {"namespace": "default", "uid": f"uid-of-{name}"}
    why, sessions = "it was made from another store", frozenset({"theirs"})
    found = pod if manifest else None
    return HeldPod(f"uid-of-{name}", "default", name, why, found, {}, sessions)


def test_a_backup_is_a_sound_store(server: ApiServer, say: Say, tmp_path: Path) -> None:
    """For its owner only, complete, and never in the place of another file."""
    server.registry.create("pods", manifests.pod("web"), "default")
    file = tmp_path / "copy.db"

    code, out, err = say("backup", str(file))

    assert (code, err) == (0, "") and "objects" in out and "verified" in out
    assert file.stat().st_mode & 0o777 == 0o600
    copy = SqliteStore(file)
    assert [r.key.name for r in copy.list("pods").records] == ["web"]
    copy.close()
    code, _, err = say("backup", str(file))
    assert code == 1 and "already exists" in err
    assert say("backup", str(tmp_path / "nowhere" / "copy.db"))[0] == 1


@pytest.mark.parametrize(
    ("place", "cause"),
    [("nowhere/copy.db", "No such file or directory"), ("file/x", "Not a directory")],
)
def test_a_backup_that_cannot_be_written_names_the_file_that_was_asked_for(
    say: Say, tmp_path: Path, place: str, cause: str
) -> None:
    """And not the draft, which only we know of."""
    (tmp_path / "file").touch()

    code, _, err = say("backup", str(tmp_path / place))

    assert (code, err) == (1, f"error: cannot write {tmp_path / place}: {cause}\n")


def test_a_backup_needs_no_hard_links(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A memory stick has none; it never replaces a file there either."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    file = tmp_path / "copy.db"

    assert say("backup", str(file))[0] == 0

    assert [each.name for each in tmp_path.iterdir()] == ["copy.db"]
    copy = SqliteStore(file)
    assert copy.list("namespaces").records
    copy.close()


def test_held_pods_are_listed_and_adopted(server: ApiServer, say: Say) -> None:
    """Each with its place; one that cannot be adopted is an error."""
    server.node.held = [held("web"), held("old", manifest=False)]

    code, out, _ = say("adopt", "--dry-run")
    where = "(namespace default, node node-1)"
    assert code == 0
    assert f"pod/web {where} held: it was made from another store" in out

    code, out, err = say("adopt")
    assert code == 1
    assert out == f"pod/web {where} adopted\n"
    assert (
        f"error: pod/old {where} is still held: its sandbox carries no manifest" in err
    )
    uid = server.registry.get("pods", "web", "default")["metadata"]["uid"]
    assert uid == "uid-of-web"


def test_the_loss_of_held_pods_is_accepted(server: ApiServer, say: Say) -> None:
    """Nothing comes back; the node looks at them again."""
    server.node.held = [held("web")]
    code, out, _ = say("adopt", "--accept-loss")
    assert (code, server.node.rechecks) == (0, 1)
    assert out == "pod/web (namespace default, node node-1) removed\n"


def test_nothing_to_decide_is_said(say: Say) -> None:
    """As kubectl does it: on stderr, and no error."""
    assert say("adopt") == (0, "", "No pods are held\n")


def test_doctor_names_what_is_damaged(server: ApiServer, say: Say) -> None:
    """With what helps; `get` warns of it and shows the others."""
    for name in ("sound", "broken"):
        body: Object = {"apiVersion": "v1", "kind": "ConfigMap"}
        body["metadata"] = {"name": name}
        server.registry.create("configmaps", body, "default")
    store = server.registry._objects.store
    assert isinstance(store, SqliteStore)
    damage(store, "configmaps", "default", "broken")

    _, out, err = say("get", "configmaps")
    assert "sound" in out and "broken" not in out
    assert "configmaps default/broken is damaged in the store" in err

    code, out, _ = say("doctor")
    assert code == 1
    assert "configmaps default/broken: its bytes are not those" in out
    assert "supervisor delete configmaps broken -n default" in out

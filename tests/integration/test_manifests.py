"""The folder of manifests: what is in it is what runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.checks import (
    always,
    controller_manifest,
    eventually,
    pod_manifest,
    ready_pods,
    shell,
)
from tests.daemon import Daemon
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "manifests"
    made.mkdir()
    return made


@pytest.fixture
def lab(tmp_path: Path, folder: Path) -> Iterator[Lab]:
    """A daemon, not started, that follows `folder`."""
    made = Daemon(tmp_path / "daemon", {"manifests": str(folder)})
    yield Lab(made, "default")
    made.close()


def put(folder: Path, name: str, *objects: Object) -> None:
    """Write a manifest as editors do: whole, and in its place at once."""
    fresh = folder / f".{name}.new"
    fresh.write_text(yaml.safe_dump_all(objects))
    fresh.rename(folder / name)


def group(replicas: int) -> Object:
    return controller_manifest("group", replicas, shell("main", "exec sleep 600"))


def pod(name: str, seconds: int = 600, **spec: Any) -> Object:
    return pod_manifest(name, shell("main", f"exec sleep {seconds}"), **spec)


def ready(lab: Lab) -> int:
    return len(ready_pods(lab.client, "default"))


def test_files_are_applied_followed_and_taken_back(lab: Lab, folder: Path) -> None:
    """At the start, at a change, and at the removal of a file."""
    put(folder, "group.yaml", group(1))
    lab.daemon.start()
    eventually(lambda: ready(lab) == 1, what="applied at the start")
    put(folder, "group.yaml", group(3))
    eventually(lambda: ready(lab) == 3, what="a changed file is applied")
    put(folder, "pod.yaml", pod("extra"))
    lab_pod = "extra"
    eventually(lambda: lab.exists(lab_pod), what="a new file is applied")
    lab.ready(lab_pod)
    (folder / "group.yaml").unlink()
    eventually(lambda: ready_pods(lab.client, "default") == ["extra"])
    eventually(lambda: not lab.client.list("replicationcontrollers", "default").items)


def test_a_pod_that_cannot_be_changed_is_made_anew(lab: Lab, folder: Path) -> None:
    """A command may not change in place: the pod is replaced."""
    put(folder, "pod.yaml", pod("main", 600))
    lab.daemon.start()
    eventually(lambda: lab.exists("main"))
    first = lab.ready("main")["metadata"]["uid"]
    put(folder, "pod.yaml", pod("main", 601))

    def renewed() -> bool:
        rows = lab.client.list("pods", "default").items
        return bool(rows) and rows[0]["metadata"]["uid"] != first

    eventually(renewed, within=40)
    command = lab.ready("main")["spec"]["containers"][0]["command"]
    assert command[-1] == "exec sleep 601"


def test_a_broken_file_changes_nothing(lab: Lab, folder: Path) -> None:
    """It is reported with its name; what it named before, and others, go on."""
    put(folder, "group.yaml", group(1))
    lab.daemon.start()
    eventually(lambda: ready(lab) == 1)
    before = ready_pods(lab.client, "default")
    (folder / "group.yaml").write_text("kind: [ReplicationController\n")
    put(folder, "other.yaml", pod("other"))
    eventually(lambda: "group.yaml" in _complaints(lab), what="a complaint")
    eventually(lambda: lab.exists("other"))
    lab.ready("other")
    assert set(before) < set(ready_pods(lab.client, "default"))
    put(folder, "group.yaml", group(2))
    eventually(lambda: ready(lab) == 3, what="the mended file is applied")


def _complaints(lab: Lab) -> str:
    rows = lab.daemon.tail(200).splitlines()
    return "\n".join(row for row in rows if " ERROR " in row or " WARNING " in row)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{}", "wrong.yaml"),
        ("apiVersion: v1\nkind: Gadget\nmetadata: {name: x}\n", "Gadget"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}\n",
            "spec.containers",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n"
            "spec: {containers: [{name: a, image: b, livenesProbe: {}}]}\n",
            "livenesProbe",
        ),
        ("apiVersion: v1\nkind: Pod\nmetadata: 5\n", "metadata"),
        ("- 1\n- 2\n", "wrong.yaml"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    lab: Lab, folder: Path, text: str, part: str
) -> None:
    """The file and the field are named; the daemon and other files go on."""
    (folder / "wrong.yaml").write_text(text)
    put(folder, "x.yaml", {"apiVersion": "v1", "kind": "ConfigMap",
                           "metadata": {"name": "good"}})  # fmt: skip
    lab.daemon.start()
    eventually(
        lambda: "wrong.yaml" in _complaints(lab) and part in _complaints(lab),
        what=f"a complaint about {part}",
        within=10,
    )
    eventually(lambda: _is_there(lab, "good"), within=10)


def _is_there(lab: Lab, name: str) -> bool:
    try:
        return bool(lab.client.get("configmaps", name, "default"))
    except ApiError:
        return False


def test_a_file_taken_away_while_no_daemon_ran_is_taken_back(
    lab: Lab, folder: Path
) -> None:
    """The next start deletes what no file names any more, and nothing else."""
    put(folder, "group.yaml", group(1))
    put(folder, "pod.yaml", pod("kept"))
    lab.daemon.start()
    eventually(lambda: ready(lab) == 2)
    lab.client.create("pods", pod("mine"), "default")
    lab.ready("mine")
    lab.daemon.stop()
    (folder / "group.yaml").unlink()
    lab.daemon.start()
    eventually(lambda: ready_pods(lab.client, "default") == ["kept", "mine"])
    always(lambda: ready_pods(lab.client, "default") == ["kept", "mine"], during=1)


def test_a_deleted_pod_of_the_folder_comes_back_at_the_next_start(
    lab: Lab, folder: Path
) -> None:
    """The folder is applied when the daemon starts, whatever was done meanwhile."""
    put(folder, "pod.yaml", pod("kept"))
    lab.daemon.start()
    eventually(lambda: lab.exists("kept"))
    lab.ready("kept")
    lab.delete("kept")
    lab.gone("kept")
    lab.daemon.stop()
    lab.daemon.start()
    eventually(lambda: lab.exists("kept"))
    lab.ready("kept")


def test_a_missing_folder_is_told_and_waited_for(tmp_path: Path) -> None:
    """The daemon serves without it, and applies it when it comes."""
    folder = tmp_path / "later"
    daemon = Daemon(tmp_path / "daemon", {"manifests": str(folder)})
    lab = Lab(daemon, "default")
    try:
        daemon.start()
        eventually(lambda: "later" in _complaints(lab), within=10)
        folder.mkdir()
        put(folder, "pod.yaml", pod("late"))
        eventually(lambda: lab.exists("late"), within=30)
    finally:
        daemon.close()

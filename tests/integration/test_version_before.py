"""What the version before has left, containers and store, is taken up untouched.

`before/` holds what a daemon that knew no claims of engines, and whose store had
format 1, had made when it was killed: the store, and the bodies of its
containers in the order of their creation, as the engine told them. Ids, uids and names
of that machine are tokens (`@web-main-1@`), which the replay replaces by its own.
"""

import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supervisor.client.base import DeleteOptions
from supervisor.model.endpoint import parse
from supervisor.model.meta import Object
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.images.images import DockerImages
from supervisor.runtime.docker.images.pause import PauseImage
from tests import docker_engine
from tests.checks import always, eventually
from tests.daemon import Daemon, engine
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker

_FOLDER = Path(__file__).parent / "before"
_NODE = "before"


class Before:
    """A machine as the daemon of the version before has left it."""

    def __init__(self, daemon: Daemon) -> None:
        self._api = engine().api
        told = self._api.info()
        self._real = {
            "@cluster@": daemon.cluster,
            "@engine@": told["ID"],
            "@root@": told["DockerRootDir"],
            "@pause@": _pause(),
            "@uid-web@": str(uuid.uuid4()),
            "@uid-group@": str(uuid.uuid4()),
        }
        docker_engine.bring_shell()
        for row in json.loads((_FOLDER / "containers.json").read_text()):
            self._replay(row)
        daemon.state.mkdir(parents=True, mode=0o700)
        with sqlite3.connect(daemon.state / "store.db") as store:
            store.executescript(self.named((_FOLDER / "store.sql").read_text()))
        store.close()

    def named(self, text: str) -> str:
        """`text` with what is real here in place of its tokens."""
        return re.sub(r"@[a-z0-9-]+(?:POD-\d+)?@", lambda m: self._real[m[0]], text)

    def _replay(self, row: Object) -> None:
        body = json.loads(self.named(json.dumps(row["body"])))
        made = self._api.create_container_from_config(body, self.named(row["name"]))
        self._real[row["token"]] = made["Id"]
        self._api.start(made["Id"])
        if not row["running"]:
            self._api.wait(made["Id"])


def _pause() -> str:
    """The image of sandboxes, which is brought to the engine."""
    client = EngineClient(parse(docker_engine.ENDPOINT), 30)
    pause = PauseImage(client)
    if DockerImages(client).image(pause.name()) is None:
        pause.load()
    return pause.name()


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Lab]:
    """A daemon that has not run yet, in the place of one of the version before."""
    daemon = Daemon(tmp_path, {"nodes": [{"name": _NODE}]})
    try:
        Before(daemon)
        yield Lab(daemon, "default")
    finally:
        daemon.close()


def seen(lab: Lab) -> dict[str, tuple[str, str]]:
    """State and start of each container, dead ones and sandboxes too."""
    states = {c.id: c.attrs["State"] for c in lab.daemon.containers()}
    return {i: (state["Status"], state["StartedAt"]) for i, state in states.items()}


def volumes(lab: Lab) -> set[str]:
    wanted = {"label": f"supervisor.cluster={lab.daemon.cluster}"}
    return {v["Name"] for v in engine().api.volumes(filters=wanted)["Volumes"] or ()}


def statuses(lab: Lab) -> list[tuple[str, int, str]]:
    """Name, restart count and id of each container that the API tells of."""
    found: list[tuple[str, int, str]] = []
    for pod in lab.client.list("pods", "default").items:
        rows: list[Any] = [
            *pod["status"].get("initContainerStatuses", []),
            *pod["status"]["containerStatuses"],
        ]
        found += [(r["name"], r["restartCount"], r["containerID"]) for r in rows]
    return sorted(found)


def test_a_new_version_takes_everything_up_untouched(before: Lab) -> None:
    """Pods with volumes, probes, init containers and of a controller: no restart."""
    lab = before
    containers, made = seen(lab), volumes(lab)
    assert len(containers) == 7

    lab.daemon.start()
    for name in [p["metadata"]["name"] for p in lab.client.list("pods").items]:
        lab.ready(name)

    told = statuses(lab)
    assert [(name, count) for name, count, _ in told] == [
        ("first", 0),
        ("main", 0),
        ("main", 1),
        ("side", 0),
    ]
    assert {i.removeprefix("docker://") for *_, i in told} <= set(containers)
    always(lambda: seen(lab) == containers, during=5)
    assert volumes(lab) == made
    assert statuses(lab) == told


def test_what_was_taken_up_is_looked_after_like_any_other(before: Lab) -> None:
    """Counts go on from where they were, and a deletion leaves nothing."""
    lab = before
    lab.daemon.start()
    lab.ready("web")
    lab.running("web", "main").kill()
    eventually(lambda: lab.restarts("web", "main") == 2, within=40)

    lab.delete("web")
    with_its_pods = DeleteOptions(propagation_policy="Background")
    lab.client.delete("replicationcontrollers", "group", "default", with_its_pods)

    eventually(lambda: not seen(lab) and not volumes(lab), within=60)

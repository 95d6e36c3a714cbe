"""Two real engines: images pushed from one to the other, pods drained from one to both.

The command is run as a user runs it, beside real kubectl where it has the same verb.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import docker_engine
from tests.daemon import Daemon, running
from tests.lab.lab import Lab, borrowed

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Two engines, of which the first has the image for tests."""
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        with borrowed(Path(folder) / "nodes", 2) as made:
            made.load(docker_engine.bring_shell(), onto=[1])
            yield made


@pytest.fixture(scope="module")
def daemon(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """With the engines as its nodes n1 and n2."""
    nodes = [
        {"name": f"n{n}", "engine": f"unix://{lab.node(n).socket}"} for n in (1, 2)
    ]
    with running(tmp_path_factory.mktemp("daemon"), nodes=nodes) as made:
        eventually(lambda: len(made.client.list("nodes").items) == 2)
        yield made


def eventually(look: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def image_names(daemon: Daemon, node: str) -> list[str]:
    status = daemon.client.get("nodes", node)["status"]
    return [name for image in status.get("images") or () for name in image["names"]]


def test_an_image_goes_from_engine_to_engine(daemon: Daemon, lab: Lab) -> None:
    """The same image is there then, the node shows it, and nothing is sent again."""
    name = docker_engine.SHELL
    push = ("image", "push", name, "--node", "n2")

    first, again = daemon.supervisor(*push), daemon.supervisor(*push)

    assert first.stdout.startswith(f"image/{name} pushed to node/n2 ("), first.stderr
    assert again.stdout == f"image/{name} unchanged on node/n2\n"
    ids = [lab.endpoint(n).client().inspect_image(name)["Id"] for n in (1, 2)]
    assert ids[0] == ids[1]
    eventually(lambda: name in image_names(daemon, "n2"), 5)


def running_on(daemon: Daemon) -> list[str]:
    """The nodes of the pods that run and are to stay."""
    pods = daemon.client.list("pods", "default").items
    return sorted(
        pod["spec"].get("nodeName", "")
        for pod in pods
        if (pod.get("status") or {}).get("phase") == "Running"
        and "deletionTimestamp" not in pod["metadata"]
    )


CONTROLLER = {
    "apiVersion": "v1",
    "kind": "ReplicationController",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "replicas": 4,
        "selector": {"app": "web"},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "terminationGracePeriodSeconds": 1,
                "containers": [
                    {
                        "name": "main",
                        "image": docker_engine.SHELL,
                        "imagePullPolicy": "Never",
                        "command": ["sleep", "1000"],
                    }
                ],
            },
        },
    },
}


def test_a_drained_node_is_empty_and_its_pods_run_elsewhere(daemon: Daemon) -> None:
    """With kubectl and with our command, there and back again."""
    daemon.supervisor("image", "push", docker_engine.SHELL)
    daemon.client.create("replicationcontrollers", CONTROLLER, "default")
    eventually(lambda: running_on(daemon) == ["n1", "n1", "n2", "n2"])

    for program, node in ((daemon.kubectl, "n1"), (daemon.supervisor, "n2")):
        done = program("drain", node, "--timeout=60s")
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert (lines[0], lines[-1]) == (
            f"node/{node} cordoned",
            f"node/{node} drained",
        )
        eventually(lambda: len(running_on(daemon)) == 4)
        assert node not in running_on(daemon)
        assert program("uncordon", node).stdout == f"node/{node} uncordoned\n"

    daemon.client.delete("replicationcontrollers", "web", "default")


def test_a_dead_engine_does_not_keep_the_others(daemon: Daemon, lab: Lab) -> None:
    """It is named, and makes the exit code 1; back again, it can be pushed to."""
    name = docker_engine.SHELL
    engine = lab.endpoint(1).client()
    engine.tag(name, "pushed-later", "1")
    lab.kill(2)
    try:
        done = daemon.supervisor("image", "push", "pushed-later:1")
        listed = daemon.supervisor("image", "list")
        unknown = daemon.supervisor("image", "push", "nobody/has:this")
    finally:
        lab.start(2)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: node/n2: the node's engine is away")
    assert listed.returncode == 1
    assert "pushed-later:1" in listed.stdout
    assert "not found on n1; no answer from n2" in unknown.stderr
    done = daemon.supervisor("image", "push", "pushed-later:1")
    assert done.stdout.startswith("image/pushed-later:1 pushed to node/n2"), done.stderr

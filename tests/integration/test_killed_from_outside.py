"""Somebody else kills, stops or removes our containers: everything is made whole."""

import os
import signal
import time

import pytest

from supervisor.model.meta import Object
from tests.checks import (
    always,
    controller_manifest,
    eventually,
    is_ready,
    ready_pods,
    shell,
)
from tests.daemon import engine
from tests.integration.lab import Lab, labels_of, state_of

pytestmark = pytest.mark.docker

SERVER = "exec httpd -f -p 8000 -h /etc"


def sandboxes(lab: Lab, name: str) -> list[str]:
    rows = lab.daemon.containers(**labels_of(lab.namespace, name, "POD"))
    return [c.id for c in rows if c.status == "running"]


def test_a_killed_process_is_replaced_at_once(lab: Lab) -> None:
    """kill -9 of the container's process: a new container within a second or two."""
    lab.run("main", shell("main", "exec sleep 600"))
    lab.ready("main")
    first = lab.running("main", "main")
    began = time.monotonic()
    os.kill(first.attrs["State"]["Pid"], signal.SIGKILL)
    status = lab.restarted("main", "main")
    assert time.monotonic() - began < 5
    last = status["lastState"]["terminated"]
    assert last["containerID"] == f"docker://{first.id}"
    assert (last["reason"], last["exitCode"]) == ("Error", 137)
    assert status["restartCount"] == 1


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_container_that_docker_ends_is_replaced(lab: Lab, how: str) -> None:
    """`docker kill` and `docker stop` count as a death like any other."""
    lab.run("main", shell("main", "trap 'exit 3' TERM; while :; do sleep 0.05; done"))
    lab.ready("main")
    first = lab.running("main", "main")
    first.kill() if how == "kill" else first.stop(timeout=5)
    status = lab.restarted("main", "main")
    last = status["lastState"]["terminated"]
    assert last["exitCode"] == (137 if how == "kill" else 3)


def test_a_container_that_docker_removes_is_replaced(lab: Lab) -> None:
    """`docker rm -f`: the instance is gone, its death is counted all the same."""
    lab.run("main", shell("main", "exec sleep 600"), shell("other", "exec sleep 600"))
    lab.ready("main")
    other = lab.running("main", "other").id
    lab.running("main", "main").remove(force=True)
    status = lab.restarted("main", "main")
    assert status["restartCount"] == 1
    assert lab.running("main", "other").id == other
    lab.ready("main")


def test_a_container_that_docker_restarts_is_followed(lab: Lab) -> None:
    """`docker restart`: one instance runs in the end, ours or the one restarted."""
    lab.run("main", shell("main", "exec sleep 600"))
    lab.ready("main")
    lab.running("main", "main").restart(timeout=0)

    def settled() -> bool:
        rows = [c.status for c in lab.instances("main", "main")]
        return rows.count("running") == 1 and is_ready(lab.pod("main"))

    eventually(lambda: all(settled() for _ in range(40)), within=20)


@pytest.mark.parametrize("how", ["kill", "remove"])
def test_a_dead_sandbox_is_a_new_network_for_the_whole_pod(lab: Lab, how: str) -> None:
    """Every container is made anew in one new sandbox, and they reach each other."""
    asker = "while :; do wget -qO- http://127.0.0.1:8000/hostname; sleep 0.2; done"
    lab.run("pod", shell("main", SERVER), shell("asker", asker))
    lab.ready("pod")
    before = sandboxes(lab, "pod")
    ids = {lab.running("pod", name).id for name in ("main", "asker")}
    victim = engine().containers.get(before[0])
    victim.kill() if how == "kill" else victim.remove(force=True)

    def renewed() -> bool:
        now = {
            c.id
            for name in ("main", "asker")
            for c in lab.instances("pod", name)
            if c.status == "running"
        }
        new = sandboxes(lab, "pod")
        return len(now) == 2 and not now & ids and len(new) == 1 and new != before

    eventually(renewed, within=30, what="both containers run in a new sandbox")
    pod = lab.until(
        "pod",
        lambda p: (
            is_ready(p)
            and state_of(p, "main")["containerID"]
            == f"docker://{lab.running('pod', 'main').id}"
        ),
    )
    lab.told("pod", "SandboxChanged")
    address = pod["status"]["podIP"]
    eventually(lambda: "pod" in lab.logs("pod", "asker"))
    script = f"wget -qO- http://{address}:8000/hostname"
    assert lab.output("visitor", shell("main", script)) == "pod\n"


def test_init_containers_run_again_in_a_new_sandbox(lab: Lab) -> None:
    """A pod that starts over starts with its init containers."""
    mount = [{"name": "notes", "mountPath": "/notes"}]
    lab.run(
        "pod",
        shell("main", "exec sleep 600", volumeMounts=mount),
        initContainers=[shell("init", "echo run >>/notes/runs", volumeMounts=mount)],
        volumes=[{"name": "notes", "emptyDir": {}}],
    )
    lab.ready("pod")
    engine().containers.get(sandboxes(lab, "pod")[0]).kill()
    lab.restarted("pod", "main")
    assert lab.exec("pod", "main", "cat", "/notes/runs") == (0, "run\nrun\n")


def test_everything_removed_at_once_comes_back(lab: Lab) -> None:
    """`docker rm -f` of all containers of a group: same pods, all of them again."""
    body = controller_manifest("group", 3, shell("main", "exec sleep 600"))
    lab.client.create("replicationcontrollers", body, lab.namespace)
    before = eventually(
        lambda: (
            found if len(found := ready_pods(lab.client, lab.namespace)) == 3 else None
        )
    )
    old = lab.daemon.containers(**{"io.kubernetes.pod.namespace": lab.namespace})
    for container in old:
        container.remove(force=True)

    def is_back() -> bool:
        rows = lab.daemon.containers(**{"io.kubernetes.pod.namespace": lab.namespace})
        running = [c for c in rows if c.status == "running"]
        return len(running) == 6 and ready_pods(lab.client, lab.namespace) == before

    eventually(is_back, within=40, what="three sandboxes and three containers")
    for name in before or ():
        assert state_of(lab.pod(name), "main")["restartCount"] >= 1


def test_a_finished_pod_does_not_mind_the_loss_of_its_remains(lab: Lab) -> None:
    """A pod that has Succeeded stays so when its dead container is removed."""
    lab.finish("done", shell("main", "exit 0"))
    for container in lab.instances("done", "main"):
        container.remove(force=True)
    always(lambda: lab.pod("done")["status"]["phase"] == "Succeeded", during=1)
    assert not lab.instances("done", "main")


def test_a_stranger_with_our_labels_of_a_pod_is_removed(lab: Lab) -> None:
    """A container that claims to belong to a pod, and does not, is cleared away."""
    lab.run("main", shell("main", "exec sleep 600"))
    lab.ready("main")
    mine = lab.running("main", "main")
    claimed = mine.labels | {"io.kubernetes.container.name": "intruder"}
    stranger = engine().containers.run(
        "supervisor/busybox", ["sleep", "600"], labels=claimed, detach=True
    )
    eventually(lambda: not lab.instances("main", "intruder"), within=20)
    assert lab.running("main", "main").id == mine.id
    assert stranger.id != mine.id


@pytest.mark.parametrize(
    "handler",
    [
        {"httpGet": {"port": 8000, "path": "/hostname"}},
        {"exec": {"command": ["true"]}},
    ],
    ids=["http", "exec"],
)
def test_a_paused_container_fails_its_probe_and_is_replaced(
    lab: Lab, handler: Object
) -> None:
    """`docker pause`: it runs but does not answer, which is what probes are for."""
    probe = {**handler, "periodSeconds": 1}
    lab.run("main", shell("main", SERVER, livenessProbe=probe))
    lab.ready("main")
    lab.running("main", "main").pause()
    lab.restarted("main", "main")

"""Nothing of a pod stays on the engine, whenever the daemon dies."""

import signal
import threading
from typing import Any

import pytest

from supervisor.runtime.base import CLUSTER, NODE
from tests.checks import eventually, shell
from tests.daemon import engine
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def volumes(lab: Lab) -> list[str]:
    wanted = {"label": f"{CLUSTER}={lab.daemon.cluster}"}
    return [volume.name for volume in engine().volumes.list(filters=wanted)]


def run(lab: Lab, name: str) -> str:
    """A pod with a volume; its uid."""
    mount = [{"name": "data", "mountPath": "/data"}]
    lab.run(
        name,
        shell("main", "exec sleep 600", volumeMounts=mount),
        volumes=[{"name": "data", "emptyDir": {}}],
        terminationGracePeriodSeconds=0,
    )
    lab.ready(name)
    uid: str = lab.pod(name)["metadata"]["uid"]
    return uid


def of(lab: Lab, uid: str) -> list[str]:
    return [name for name in volumes(lab) if uid in name]


def test_volumes_go_when_nothing_else_is_left_of_a_pod(own_lab: Lab) -> None:
    """As a daemon leaves it that dies between the sandbox and the volumes."""
    lab = own_lab
    stays = run(lab, "stays")
    lab.daemon.stop(signal.SIGKILL)
    labels = engine().volumes.get(f"k8s_{stays}_data").attrs["Labels"]
    for volume in ("POD", "data"):
        gone = labels | {"io.kubernetes.pod.uid": "u-gone"}
        name = f"k8s_u-gone_{lab.daemon.cluster}_{volume}"
        engine().volumes.create(name, labels=gone)
    assert len(of(lab, "u-gone")) == 2
    said = lab.daemon.supervisor("doctor", "--state-dir", str(lab.daemon.state)).stdout
    found = next(line for line in said.splitlines() if "but no daemon" in line)
    assert "volumes" in found and lab.daemon.cluster in found
    assert f"cluster {lab.daemon.cluster} belongs to store" in said

    lab.daemon.start()

    eventually(lambda: not of(lab, "u-gone"), within=20)
    assert len(of(lab, stays)) == 2


def test_the_daemon_dies_as_the_sandbox_is_destroyed(own_lab: Lab) -> None:
    """Killed by the engine's own event of that instant."""
    lab = own_lab
    forced = run(lab, "forced")
    filters: dict[str, Any] = {
        "event": "destroy",
        "label": [
            f"io.kubernetes.pod.uid={forced}",
            "io.kubernetes.container.name=POD",
        ],
    }
    stream = engine().events(decode=True, filters=filters)

    def kill() -> None:
        next(iter(stream))
        lab.daemon.process.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    lab.delete("forced", grace=0)
    killer.join(30)
    stream.close()
    lab.daemon.process.wait(10)

    lab.daemon.start()

    eventually(lambda: not volumes(lab) and not lab.daemon.containers(), within=20)


def test_what_carries_other_labels_is_left_alone(own_lab: Lab) -> None:
    """Volumes of another node, and of another cluster with a pod of the same uid."""
    lab = own_lab
    uid = run(lab, "web")
    ours = engine().volumes.get(f"k8s_{uid}_data").attrs["Labels"]
    other_node = ours | {NODE: "other", "io.kubernetes.pod.uid": "u-gone"}
    other_cluster = ours | {CLUSTER: f"{lab.daemon.cluster}x"}
    kept = [
        engine().volumes.create(f"{lab.daemon.cluster}-{n}", labels=labels)
        for n, labels in enumerate((other_node, other_cluster))
    ]
    try:
        lab.delete("web", grace=0)
        eventually(lambda: not of(lab, uid), within=20)
        lab.daemon.stop(signal.SIGKILL)
        lab.daemon.start()
        answer = lab.daemon.supervisor("doctor", "--state-dir", str(lab.daemon.state))

        assert f"{kept[0].name} on" in answer.stdout
        assert kept[1].name not in answer.stdout
        for volume in kept:
            volume.reload()
    finally:
        for volume in kept:
            volume.remove()

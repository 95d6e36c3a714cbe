"""A StatefulSet with claims on a real engine: names, data, updates and their end."""

import json
import subprocess
import time

import pytest

from tests.daemon import Daemon
from tests.kubectl.conftest import CONFIGS, Cli

EXAMPLE = CONFIGS / "examples" / "statefulset.yaml"
_FAST = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1}}}}


@pytest.fixture
def kubectl(daemon: Daemon, namespace: str) -> Cli:
    return Cli(daemon, namespace, "kubectl")


def docker_volumes() -> set[str]:
    """Docker volumes that were made for PersistentVolumes."""
    argv = ["docker", "volume", "ls", "-q", "--filter", "label=supervisor.volume"]
    return set(subprocess.run(argv, capture_output=True, text=True).stdout.split())


def bound(kubectl: Cli) -> set[str]:
    """The volumes of all claims."""
    found = json.loads(kubectl("get", "pvc", "-o", "json"))["items"]
    return {item["spec"]["volumeName"] for item in found}


def test_pods_keep_their_names_and_data(kubectl: Cli) -> None:
    """Through deletion, update and undo; the data goes with the claims."""
    kubectl("apply", "-f", str(EXAMPLE))
    kubectl("patch", "sts", "kubia", "-p", json.dumps(_FAST))
    kubectl("rollout", "status", "sts/kubia", "--timeout=60s")
    volumes = bound(kubectl)
    assert len(volumes) == 2 and volumes <= docker_volumes()
    for name in ("kubia-0", "kubia-1"):
        write = f"echo {name} > /var/data/who"
        kubectl("exec", name, "--", "sh", "-c", write)

    kubectl("delete", "pod", "kubia-0")
    kubectl("set", "env", "sts/kubia", "GREETING=hello")
    kubectl("rollout", "status", "sts/kubia", "--timeout=60s")

    for name in ("kubia-0", "kubia-1"):
        assert kubectl("exec", name, "--", "cat", "/var/data/who").strip() == name
        assert kubectl("exec", name, "--", "hostname").strip() == name
        assert "GREETING=hello" in kubectl("exec", name, "--", "env")
    assert bound(kubectl) == volumes
    history = kubectl("rollout", "history", "sts/kubia").split("REVISION")[1]
    assert len(history.split("\n")) >= 3

    kubectl("delete", "sts", "kubia")
    kubectl("delete", "pvc", "--all")
    deadline = time.monotonic() + 30
    while volumes & docker_volumes():
        assert time.monotonic() < deadline, "the data outlives its claims"
        time.sleep(0.2)


def test_our_command_shows_them_alike(daemon: Daemon, namespace: str) -> None:
    """`get` and `describe` of claims and sets, as kubectl prints them."""
    kubectl, ours = (Cli(daemon, namespace, p) for p in ("kubectl", "supervisor"))
    kubectl("apply", "-f", str(EXAMPLE))
    kubectl("rollout", "status", "sts/kubia", "--timeout=60s")

    for argv in (
        ("get", "sts,pvc", "-o", "name"),
        ("describe", "pvc", "data-kubia-0"),
        ("describe", "sts", "kubia"),
    ):
        theirs = kubectl(*argv).partition("\nEvents:")[0]
        assert ours(*argv).partition("\nEvents:")[0] == theirs

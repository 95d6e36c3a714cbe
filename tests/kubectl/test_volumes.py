"""Files of volumes in real containers, and their changes."""

import json
import time

import pytest

from tests.daemon import Daemon
from tests.kubectl.conftest import CONFIGS, Cli

EXAMPLE = CONFIGS / "examples" / "volumes.yaml"
_WATCHER = """
i=0; bad=0; seen=0; last=
while [ ! -e /tmp/stop ]; do
  found=$(cd /conf/..data && cat a && echo && cat b) || bad=$((bad+1))
  set -- $found
  [ "$1" = "$2" ] || bad=$((bad+1))
  [ -e /conf/a ] && [ -e /conf/b ] || bad=$((bad+1))
  [ "$1" = "$last" ] || { seen=$((seen+1)); last=$1; }
  i=$((i+1))
done
echo "$i $bad $seen $last"
"""
_CHANGES = 40


@pytest.fixture
def kubectl(daemon: Daemon, namespace: str) -> Cli:
    return Cli(daemon, namespace, "kubectl")


def test_the_example(kubectl: Cli) -> None:
    """Each file has its content and its mode, and follows its source."""
    kubectl("apply", "-f", str(EXAMPLE))
    kubectl("wait", "--for=condition=Ready", "pod/volumes", "--timeout=30s")

    def read(path: str) -> str:
        return kubectl("exec", "volumes", "--", "cat", path)

    assert read("/etc/settings/color") == "blue"
    assert read("/etc/all/secrets/password") == "change-me"
    assert read("/etc/all/labels") == 'app="volumes"'
    mode = kubectl(
        "exec", "volumes", "--", "stat", "-Lc%a", "/etc/all/secrets/password"
    )
    assert mode.strip() == "400"

    kubectl("label", "pod", "volumes", "tier=web")
    deadline = time.monotonic() + 10
    while 'tier="web"' not in read("/etc/all/labels"):
        assert time.monotonic() < deadline
    assert "change-me" not in kubectl("describe", "pod", "volumes")


def test_a_change_is_never_seen_in_part(kubectl: Cli) -> None:
    """By a container that reads all the time, while the ConfigMap changes."""
    image = "luksa/kubia"
    kubectl("create", "configmap", "conf", "--from-literal=a=0", "--from-literal=b=0")
    mount = {"name": "conf", "mountPath": "/conf"}
    container = {
        "name": "main",
        "image": image,
        "command": ["sh", "-c", f"{_WATCHER} sleep 60"],
        "volumeMounts": [mount],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "watcher"},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [container],
            "volumes": [{"name": "conf", "configMap": {"name": "conf"}}],
        },
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(pod))
    kubectl("wait", "--for=condition=Ready", "pod/watcher", "--timeout=30s")

    for number in range(1, _CHANGES + 1):
        data = json.dumps({"data": {"a": f"{number}", "b": f"{number}"}})
        kubectl("patch", "configmap", "conf", "-p", data)
    deadline = time.monotonic() + 10
    while kubectl("exec", "watcher", "--", "cat", "/conf/a") != f"{_CHANGES}":
        assert time.monotonic() < deadline
    kubectl("exec", "watcher", "--", "touch", "/tmp/stop")
    while not (told := kubectl("logs", "watcher").split()):
        assert time.monotonic() < deadline + 10

    reads, bad, seen, last = map(int, told)
    assert bad == 0 and last == _CHANGES
    assert reads > seen > 1

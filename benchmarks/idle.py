"""What watching over 20 containers costs: HTTP probes beside Docker's health checks.

Both sides look after 20 containers of the same image every 10 seconds. Ours is charged
with the daemon's CPU and all that the engine does meanwhile, Docker's with the latter.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.processes import cpu_seconds, engine_cpu_seconds, rss_bytes
from benchmarks.report import Figure, ratio
from tests.daemon import Daemon, engine

IMAGE = "luksa/kubia"
COUNT = 20
PERIOD = 10
_LABEL = "supervisor.benchmark"
_CHECK = "node -e \"require('http').get('http://localhost:8080')\""


def measure(daemon: Daemon, seconds: float = 60) -> list[Figure]:
    _start_pods(daemon)
    time.sleep(PERIOD)
    pid = daemon.process.pid
    own, engines = cpu_seconds(pid), engine_cpu_seconds()
    time.sleep(seconds)
    own_used = cpu_seconds(pid) - own
    ours_used = own_used + engine_cpu_seconds() - engines
    memory = rss_bytes(pid) / 2**20
    daemon.supervisor("delete", "pods", "--all", "--grace-period=1", timeout=120)
    with _health_checked():
        time.sleep(PERIOD)
        engines = engine_cpu_seconds()
        time.sleep(seconds)
        docker_used = engine_cpu_seconds() - engines
    ours = Figure(
        "CPU, ours with the engine", [100 * ours_used / seconds], "% of a core"
    )
    theirs = Figure("CPU, HEALTHCHECK", [100 * docker_used / seconds], "% of a core")
    return [
        Figure("daemon's memory (RSS)", [memory], "MiB"),
        Figure("daemon's CPU", [100 * own_used / seconds], "% of a core"),
        ours,
        theirs,
        ratio("ours / HEALTHCHECK", ours, theirs),
    ]


def _start_pods(daemon: Daemon) -> None:
    probe = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": PERIOD}
    container = {
        "name": "app",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "livenessProbe": probe,
        "readinessProbe": probe,
    }
    template = {
        "metadata": {"labels": {"app": "idle"}},
        "spec": {"containers": [container]},
    }
    spec = {"replicas": COUNT, "selector": {"app": "idle"}, "template": template}
    body = {"apiVersion": "v1", "kind": "ReplicationController", "spec": spec}
    body["metadata"] = {"name": "idle"}
    daemon.client.create("replicationcontrollers", body, "default")
    end = time.monotonic() + 120
    while _ready(daemon) < COUNT:
        if time.monotonic() > end:
            raise RuntimeError(f"the pods do not become ready:\n{daemon.tail()}")
        time.sleep(0.5)


def _ready(daemon: Daemon) -> int:
    found = daemon.client.get("replicationcontrollers", "idle", "default")
    return int(found.get("status", {}).get("readyReplicas", 0))


@contextmanager
def _health_checked() -> Iterator[None]:
    client = engine()
    check = {
        "test": ["CMD-SHELL", _CHECK],
        "interval": PERIOD * 10**9,
        "timeout": 5 * 10**9,
    }
    started: list[Any] = []
    try:
        for _ in range(COUNT):
            started.append(
                client.containers.run(
                    IMAGE, detach=True, healthcheck=check, labels={_LABEL: "1"}
                )
            )
        yield
    finally:
        for container in started:
            container.remove(force=True)
        client.close()

"""A killed process must run again: ours beside Docker's own restart policy.

Each round kills the main process of a fresh container of each side with SIGKILL and
waits for the engine's event that its successor has started. Fresh ones, since both
sides wait longer when the same container dies again soon.
"""

import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.report import Figure, ratio
from tests.daemon import CLUSTER, Daemon, engine

IMAGE = "luksa/kubia"
_SETTLE_SECONDS = 2.0
_LABEL = "supervisor.benchmark"


class Starts:
    """The engine's own instants of `start` events, by container id."""

    def __init__(self) -> None:
        self._seen: queue.Queue[tuple[str, dict[str, str], float]] = queue.Queue()
        self._client = engine()
        self._stream = self._client.events(decode=True, filters={"event": "start"})
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for event in self._stream:
            actor = event["Actor"]
            at = event["timeNano"] / 1e9
            self._seen.put((actor["ID"], actor["Attributes"], at))

    def clear(self) -> None:
        while not self._seen.empty():
            self._seen.get_nowait()

    def wait(self, **attributes: str) -> float:
        """The instant of the next start of a container with these attributes."""
        while True:
            _, found, at = self._seen.get(timeout=30)
            wanted = {k.replace("__", "."): v for k, v in attributes.items()}
            if wanted.items() <= found.items():
                return at

    def close(self) -> None:
        self._stream.close()
        self._client.close()


def measure(daemon: Daemon, rounds: int = 10) -> list[Figure]:
    starts = Starts()
    try:
        ours, docker = [], []
        for number in range(rounds):
            ours.append(_ours(daemon, starts, f"recovery-{number}"))
            docker.append(_dockers(starts))
        first = Figure("killed → replacement started, ours", ours, "s")
        second = Figure("killed → restarted by --restart=always", docker, "s")
        return [first, second, ratio("ours / Docker's restart policy", first, second)]
    finally:
        starts.close()


def _ours(daemon: Daemon, starts: Starts, name: str) -> float:
    spec = {
        "terminationGracePeriodSeconds": 0,
        "containers": [
            {"name": "app", "image": IMAGE, "imagePullPolicy": "IfNotPresent"}
        ],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    daemon.client.create("pods", pod, "default")
    label = {"io.kubernetes.pod.name": name, "io.kubernetes.container.name": "app"}
    end = time.monotonic() + 30
    while not (found := _running(daemon, label)):
        if time.monotonic() > end:
            raise RuntimeError(f"pod {name} does not run:\n{daemon.tail()}")
        time.sleep(0.05)
    time.sleep(_SETTLE_SECONDS)
    starts.clear()
    killed_at = _kill(found)
    started_at = starts.wait(
        **{k.replace(".", "__"): v for k, v in (label | _of(daemon)).items()}
    )
    daemon.supervisor("delete", "pod", name, "--grace-period=0", "--force")
    return started_at - killed_at


def _of(daemon: Daemon) -> dict[str, str]:
    return {CLUSTER: daemon.cluster}


def _running(daemon: Daemon, label: dict[str, str]) -> Any:
    found = [c for c in daemon.containers(**label) if c.status == "running"]
    return found[0] if found else None


def _dockers(starts: Starts) -> float:
    with _restarting() as container:
        time.sleep(_SETTLE_SECONDS)
        starts.clear()
        killed_at = _kill(container)
        return starts.wait(name=container.name) - killed_at


@contextmanager
def _restarting() -> Iterator[Any]:
    client = engine()
    container = client.containers.run(
        IMAGE, detach=True, restart_policy={"Name": "always"}, labels={_LABEL: "1"}
    )
    try:
        yield container
    finally:
        container.remove(force=True)
        client.close()


def _kill(container: Any) -> float:
    """SIGKILL to the container's main process; the instant of it."""
    container.reload()
    pid = container.attrs["State"]["Pid"]
    at = time.time()
    os.kill(pid, signal.SIGKILL)
    return at

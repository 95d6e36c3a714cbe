"""A real daemon for tests and benchmarks: its own process, state folder and port.

Its containers carry a cluster name of ours with the test run's process id, so that
`sweep` finds what a crashed run has left behind and touches nothing else.
"""

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import yaml

from supervisor.client.rest import RestClient, from_kubeconfig
from supervisor.model.errors import ApiError
from supervisor.runtime.base import CLAIM
from tests import docker_engine

CLUSTER = "supervisor.cluster"


class Daemon:
    """Started by `start`; `kubeconfig` and `client` are good from then on."""

    def __init__(self, folder: Path, settings: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.cluster = docker_engine.new_cluster()
        self.kubeconfig = self.state / "kubeconfig"
        self.log = folder / "daemon.log"
        self._settings = {"cluster": self.cluster} | (settings or {})
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, **settings: Any) -> None:
        """Change settings for the next start."""
        self._settings |= settings

    # -- life

    def start(self, *options: str, timeout: float = 30, fresh: bool = True) -> "Daemon":
        """Start the process and wait until the API answers.

        Unless `fresh`, the kubeconfig of before stays, and has to be good again.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.yaml"
        config.write_text(yaml.safe_dump(self._settings))
        if fresh:
            self.kubeconfig.unlink(missing_ok=True)
        # A test run that is killed takes its daemons along.
        argv = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "supervisor"]
        argv += ["daemon", "--config", str(config)]
        argv += ["--state-dir", str(self.state), "--listen", "127.0.0.1:0", *options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait_ready(timeout)
        return self

    def _wait_ready(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        while not self.kubeconfig.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the daemon did not start:\n{self.tail()}")
            time.sleep(0.02)
        self.client = self.new_client()
        while not self._answers():
            status = self.process.poll()
            if status is not None or time.monotonic() > end:
                text = f"the daemon (exit status {status}) does not answer"
                raise RuntimeError(f"{text}:\n{self.tail()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self.client.get("namespaces", "default")
        except ApiError as error:
            if error.code != 503:
                raise
            return False
        return True

    def new_client(self) -> RestClient:
        return from_kubeconfig(self.kubeconfig)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the daemon has not been started"
        return self._process

    def stop(self, sig: int = signal.SIGTERM, timeout: float = 20) -> int:
        """Send `sig`, wait for the end, return the exit status (negative: signal)."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout)

    def close(self) -> None:
        """End the daemon and remove all its containers and volumes."""
        if self._process is not None and self._process.poll() is None:
            self.stop(signal.SIGKILL)
        remove_cluster(self.cluster)

    def tail(self, lines: int = 40) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    # -- what it has on the engine

    def containers(self, **labels: str) -> list[Any]:
        """docker-py containers of pods of this daemon, dead ones too, newest first."""
        found: list[Any] = engine().containers.list(
            all=True,
            ignore_removed=True,
            filters={"label": _filters(self.cluster, labels)},
        )
        return [container for container in found if CLAIM not in container.labels]

    def kubectl(self, *argv: str, **run: Any) -> "subprocess.CompletedProcess[str]":
        return command([kubectl_path(), *argv], self.kubeconfig, **run)

    def supervisor(self, *argv: str, **run: Any) -> "subprocess.CompletedProcess[str]":
        return command(
            [sys.executable, "-m", "supervisor", *argv], self.kubeconfig, **run
        )


def command(
    argv: Sequence[str], kubeconfig: Path, *, timeout: float = 60, **run: Any
) -> "subprocess.CompletedProcess[str]":
    """Run a client against the daemon; its output is text, its status not checked."""
    env = os.environ | {"KUBECONFIG": str(kubeconfig)} | run.pop("env", {})
    return subprocess.run(
        argv, env=env, capture_output=True, text=True, timeout=timeout, **run
    )


def kubectl_path() -> str:
    """The kubectl under test: $KUBECTL, else what scripts/kubectl finds or unpacks."""
    if path := os.environ.get("KUBECTL"):
        return path
    script = Path(__file__).parent.parent / "scripts" / "kubectl"
    found = subprocess.run([script], check=True, capture_output=True, text=True)
    return found.stdout.strip()


@functools.cache
def engine() -> Any:
    """The tests' own view of the machine's engine, past the daemon."""
    return docker.from_env(timeout=30)


def _filters(cluster: str, labels: dict[str, str]) -> list[str]:
    return [f"{CLUSTER}={cluster}", *(f"{k}={v}" for k, v in labels.items())]


def remove_cluster(cluster: str) -> None:
    """Remove every container, volume and network with that cluster's label."""
    docker_engine.remove_cluster(engine().api, cluster)


def sweep() -> None:
    """Remove what test runs that are no more have left on the engine."""
    docker_engine.sweep(engine().api)


@contextmanager
def running(folder: Path, *options: str, **settings: Any) -> Iterator[Daemon]:
    """A daemon that is gone, with its containers, at the end of the block."""
    daemon = Daemon(folder, settings)
    try:
        yield daemon.start(*options)
    finally:
        daemon.close()

"""The service in a lab, as its administrator sees it, and the containers it keeps."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import yaml

from supervisor.client.rest import RestClient, from_kubeconfig
from supervisor.model.meta import Object
from supervisor.runtime.base import CLAIM
from tests.checks import eventually
from tests.daemon import CLUSTER, engine, remove_cluster
from tests.systemd.lab import CHECKOUT, Lab

CONFIG = "/etc/supervisor/supervisor.yaml"
UNIT = "/etc/systemd/system/supervisor.service"
STATE = "/var/lib/supervisor"
_CHANGES = f"{UNIT}.d/test.conf"


class Service:
    """Installed by `install`; `settle` puts right what a test has changed."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.cluster = f"test-{os.getpid()}-systemd"
        self.port = free_port()
        self._settings: dict[str, Any] = {
            "cluster": self.cluster,
            "listen": f"127.0.0.1:{self.port}",
        }

    # -- the administrator's commands

    def install(self) -> str:
        """Run scripts/install in the lab; what it prints."""
        done = self.lab.run(
            str(CHECKOUT / "scripts" / "install"),
            timeout=150,
            PYTHON=os.path.realpath(sys.executable),
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def uninstall(self, *options: str) -> str:
        done = self.lab.run(str(CHECKOUT / "scripts" / "uninstall"), *options)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def systemctl(self, verb: str, *options: str) -> str:
        done = self.lab.run("systemctl", verb, "supervisor", *options)
        assert done.returncode == 0, f"{done.stderr}{self.journal()[-2000:]}"
        return done.stdout.strip()

    def change(self, *lines: str) -> None:
        """What `systemctl edit supervisor` does, with these lines of [Service]."""
        self.lab.write(_CHANGES, "\n".join(["[Service]", *lines, ""]))
        self.lab.systemctl("daemon-reload")

    def configure(self, text: str = "") -> None:
        """Write the configuration: `text`, or the right one."""
        self.lab.path(CONFIG).unlink(missing_ok=True)
        self.lab.write(CONFIG, text or yaml.safe_dump(self._settings))

    def settle(self) -> None:
        """Installed, rightly configured, unchanged and active."""
        self.configure()
        if not self.lab.path(UNIT).exists():
            self.install()
        if self.lab.path(_CHANGES).exists():
            self.lab.path(_CHANGES).unlink()
            self.lab.systemctl("daemon-reload")
        if self.state != "active":
            self.lab.run("systemctl", "reset-failed", "supervisor")
            self.systemctl("start")

    def close(self) -> None:
        remove_cluster(self.cluster)

    # -- what systemd knows

    def show(self, name: str) -> str:
        return self.systemctl("show", f"--property={name}", "--value")

    @property
    def state(self) -> str:
        return self.show("ActiveState")

    @property
    def process(self) -> int:
        """The daemon's process id in the lab."""
        return int(self.show("MainPID"))

    @property
    def restarts(self) -> int:
        """How often systemd has restarted it by itself."""
        return int(self.show("NRestarts"))

    def signal(self, name: str) -> None:
        self.systemctl("kill", "--kill-whom=main", f"--signal={name}")

    def wait_restarted(self, before: int, within: float = 30) -> None:
        """Until it is active again with another process than `before`."""
        eventually(
            lambda: self.state == "active" and self.process not in (0, before),
            within=within,
            what="systemd has restarted the daemon",
        )

    def journal(self) -> str:
        return self.lab.journal("supervisor")

    def errors(self) -> list[str]:
        """The lines with which daemons have ended."""
        lines = self.journal().splitlines()
        return [line for line in lines if line.startswith("error:")]

    # -- what it serves and keeps

    @property
    def kubeconfig(self) -> Path:
        return self.lab.path(f"{STATE}/kubeconfig")

    def client(self) -> RestClient:
        return from_kubeconfig(self.kubeconfig)

    def containers(self) -> list[Any]:
        """Those of pods."""
        mine = {"label": f"{CLUSTER}={self.cluster}"}
        found: list[Any] = engine().containers.list(all=True, filters=mine)
        return [container for container in found if CLAIM not in container.labels]

    def seen(self) -> dict[str, str]:
        """Each container that runs, sandboxes too: id and the instant of its start."""
        running = [c for c in self.containers() if c.status == "running"]
        return {c.id: c.attrs["State"]["StartedAt"] for c in running}

    def restart_counts(self) -> dict[str, int]:
        return {
            pod["metadata"]["name"]: sum(c["restartCount"] for c in statuses_of(pod))
            for pod in self.client().list("pods", "default").items
        }


def statuses_of(pod: Object) -> list[Object]:
    found: list[Object] = pod.get("status", {}).get("containerStatuses", [])
    return found


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port

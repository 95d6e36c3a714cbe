"""A daemon of a demo's own on this machine, with its state in a folder of the project.

Used by the demos; ends with them unless it is to be kept. Its state says which process
it is, so that a later run can end one that was.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from scripts.telling import SUPERVISOR, Failed, Telling

PORT = 6443
_END_SECONDS = 20


class LocalDaemon:
    def __init__(self, state: Path) -> None:
        """`state` is made afresh at the start."""
        self._state = state
        self.kubeconfig = state / "kubeconfig"
        self.log = state / "daemon.log"
        self._pid_file = state / "daemon.pid"
        self._settings = state / "demo.yaml"

    def start(self, settings: str) -> None:
        """`settings` is the text of its configuration file."""
        self.end()
        shutil.rmtree(self._state, ignore_errors=True)
        self._state.mkdir(parents=True)
        self._settings.write_text(settings)
        self._launch()

    def resume(self) -> bool:
        """Have the daemon of an earlier run, started again if it was killed.

        False if there is nothing of one.
        """
        if not self.process and self._settings.exists():
            self._launch()
        return self._settings.exists()

    def _launch(self) -> None:
        argv = [str(SUPERVISOR), "daemon", "--config", str(self._settings)]
        argv += ["--state-dir", str(self._state)]
        argv += ["--listen", f"127.0.0.1:{free_port()}"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # One that is kept outlives the terminal.
                start_new_session=True,
            )
        self._pid_file.write_text(str(process.pid))

    @property
    def process(self) -> int:
        """That of this run, or one that an earlier run has left; 0 is none."""
        try:
            number = int(self._pid_file.read_text())
            words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return 0
        return number if str(self._state).encode() in words else 0

    def end(self) -> None:
        """Containers go on running."""
        if number := self.process:
            with suppress(ProcessLookupError):
                end = os.pidfd_open(number)
                os.kill(number, signal.SIGTERM)
                select.select([end], [], [], _END_SECONDS)
                os.close(end)

    def ready_nodes(self, telling: Telling) -> list[str]:
        """Names of the nodes that are Ready; none as long as the API is not there."""
        if not self.process:
            raise Failed(f"the daemon ended:\n{self.log.read_text()}")
        return ready_nodes(telling) if self.kubeconfig.exists() else []

    def forget(self) -> None:
        """Remove the state of a daemon that has stopped."""
        shutil.rmtree(self._state, ignore_errors=True)


def ready_nodes(telling: Telling) -> list[str]:
    rows = telling.command("get nodes --no-headers").stdout.splitlines()
    words = [row.split() for row in rows]
    return [w[0] for w in words if len(w) > 1 and w[1] == "Ready"]


def free_port() -> int:
    """The usual port, or any other if that one is taken."""
    for port in (PORT, 0):
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = sock.getsockname()[1]
            return number
    raise Failed("no free port")

"""This machine's dockerd, as the engine of one node."""

import os
import shlex
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from signal import Signals

from tests.lab.cgroups import Groups
from tests.lab.commands import LabError, run, wait
from tests.lab.names import Names
from tests.lab.namespaces import Namespaces
from tests.lab.settings import Settings

_READY_SECONDS = 120
_STOP_SECONDS = 60
_LONGEST_SOCKET = 107
_STARTED = 18
"""Index of a process's start among the fields of its stat, after its state."""
_STALE = (
    "/var/run/docker.pid",
    "/var/run/docker.sock",
    "/var/run/docker/containerd/containerd.pid",
)


class Engine:
    def __init__(
        self,
        names: Names,
        number: int,
        folder: Path,
        *,
        namespaces: Namespaces,
        groups: Groups,
    ) -> None:
        self._names = names
        self._number = number
        self._folder = folder
        self._namespaces = namespaces
        self._groups = groups
        self.socket = folder / "docker.sock"
        """Reaches the engine past all that is wrong with the network."""
        if len(str(self.socket)) > _LONGEST_SOCKET:
            raise LabError(
                f"{folder} is too long a name: that of a socket has room for "
                f"{_LONGEST_SOCKET} bytes; choose a shorter folder"
            )

    def url(self, settings: Settings) -> str:
        port = 2376 if settings.tls else 2375
        return f"tcp://{self._names.address(self._number)}:{port}"

    def _command(self, settings: Settings, disk: Path, certificates: Path) -> list[str]:
        names, number = self._names, self._number
        networks = f"base={names.networks(number)},size=26"
        argv = ["dockerd", "--data-root", str(disk)]
        argv += ["--host", "unix:///var/run/docker.sock"]
        argv += ["--host", self.url(settings), "--host", f"unix://{self.socket}"]
        argv += ["--cgroup-parent", self._groups.parent]
        argv += ["--exec-opt", "native.cgroupdriver=cgroupfs"]
        argv += ["--bip", names.docker0(number), "--default-address-pool", networks]
        if settings.tls:
            argv += ["--tlsverify", "--tlscacert", str(certificates / "ca.pem")]
            argv += ["--tlscert", str(certificates / "cert.pem")]
            argv += ["--tlskey", str(certificates / "key.pem")]
        else:  # said in so many words, it spares the engine's pause for thought
            argv += ["--tls=false"]
        if "--allow-direct-routing" in _options():  # else Docker 28 shuts others out
            argv += ["--allow-direct-routing"]
        if settings.live_restore:
            argv += ["--live-restore"]
        return [*argv, *settings.dockerd]

    def start(self, settings: Settings, disk: Path, certificates: Path) -> None:
        """Start dockerd without waiting for it."""
        command = shlex.join(self._command(settings, disk, certificates))
        log = shlex.quote(str(self._namespaces.log))
        self.socket.unlink(missing_ok=True)
        line = f"rm -f {' '.join(_STALE)}; setsid {command} >>{log} 2>&1 </dev/null &"
        self._namespaces.run(["sh", "-c", line])

    def wait(self) -> None:
        """Until it answers; what it says itself is in the error if it does not."""
        name = f"dockerd of node {self._number}"
        try:
            wait(lambda: self.answers() or self._died(), _READY_SECONDS, name)
        except LabError as error:
            raise LabError(f"{error}; {self._namespaces.last_words()}") from None
        if not self.answers():
            raise LabError(f"{name} ended; {self._namespaces.last_words()}")

    def _died(self) -> bool:
        return not self._groups.engine_processes() or not self._namespaces.init()

    def answers(self) -> bool:
        """At its own socket, so also when the node is cut off."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return b" 200 " in client.recv(64)
        except OSError:
            return False

    # -- its process
    def pid(self) -> int:
        """As this machine counts; 0 when it does not run."""
        found: list[tuple[int, int]] = []
        for pid in self._groups.engine_processes():
            with suppress(OSError, IndexError):
                name, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
                state, *fields = rest.split()
                if name.endswith("(dockerd") and state != "Z":
                    found.append((int(fields[_STARTED]), pid))
        # What it is about to start has its name for a moment; it is older than that.
        return min(found, default=(0, 0))[1]

    def is_stopped(self) -> bool:
        """By a signal, that is: it keeps its place, and no thread does anything."""
        if not (pid := self.pid()):
            return False
        states = []
        for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
            with suppress(OSError):
                states.append(stat.read_text().rpartition(")")[2].split()[0])
        return bool(states) and set(states) == {"T"}

    def freeze(self) -> None:
        self.signal(Signals.SIGSTOP)
        wait(lambda: self.is_stopped() or not self.pid(), 10, "dockerd stands still")

    def thaw(self) -> None:
        self.signal(Signals.SIGCONT)
        wait(lambda: not self.is_stopped(), 10, "dockerd goes on")

    def signal(self, number: Signals) -> None:
        if pid := self.pid():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def end(self, number: Signals) -> None:
        """Send the signal and wait for the end."""
        self.signal(number)
        wait(
            lambda: not self.pid(),
            _STOP_SECONDS,
            f"dockerd of node {self._number} ends",
        )


@cache
def _options() -> str:
    return run("dockerd", "--help")

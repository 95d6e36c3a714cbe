"""The namespaces that make a node a machine, from its boot to its sudden end.

Network, mounts, processes, host name and IPC are its own; processors, memory, kernel
and clock are this machine's. The end of its process 1 is a power failure: the kernel
kills everything in the node at once, and its mounts go with it.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.lab.cgroups import Groups
from tests.lab.commands import LabError, environment, run, wait

_BOOT = Path(__file__).with_name("boot")
_BOOT_SECONDS = 20
_KINDS = ("--mount", "--uts", "--ipc", "--pid")


class Namespaces:
    def __init__(self, name: str, folder: Path, groups: Groups) -> None:
        self._name = name
        self._folder = folder
        self._groups = groups
        self._pid_file = folder / "process-1"
        self._booted = folder / "booted"
        self.log = folder / "log"

    def init(self) -> int:
        """Process 1 of the node, as this machine counts; 0 when the node is down."""
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return 0
        return pid if str(self._folder).encode() in command else 0

    def boot(self, network: str) -> None:
        """Start process 1 in the network namespace, and wait until it is through."""
        self._booted.unlink(missing_ok=True)
        unshare = ["unshare", *_KINDS, "--fork", "--mount-proc"]
        node = ["sh", str(_BOOT), self._name, str(self._folder)]
        # `ip netns exec` would mount a /sys without control groups.
        joined = ["nsenter", f"--net=/run/netns/{network}", *unshare, *node]
        outer = self._folder / "outer"
        noting = ["sh", "-ec", f'echo $$ >"{outer}"; exec "$@"', "sh"]
        command = [*noting, *self._groups.entering(joined)]
        with self.log.open("a") as log:
            # No child of this process: the node outlives it.
            subprocess.run(
                ["setsid", "--fork", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                check=True,
            )
        try:
            wait(self._booted.exists, _BOOT_SECONDS, f"{self._name} boots")
        except LabError as error:
            raise LabError(f"{error}; {self.last_words()}") from None
        pid = int(outer.read_text())
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self._pid_file.write_text(children[0])

    def last_words(self, lines: int = 5) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"the end of {self.log}:\n" + "\n".join(text.splitlines()[-lines:])

    def inside(self, argv: Sequence[str]) -> list[str]:
        """A command that runs `argv` in the node."""
        if not (init := self.init()):
            raise LabError(f"{self._name} is down: start it first")
        return ["nsenter", "-t", str(init), "-m", "-u", "-i", "-n", "-p", *argv]

    def run(self, argv: Sequence[str]) -> str:
        """The output of a command in the node, which must succeed."""
        return run(*self._groups.entering(self.inside(argv)))

    def kill(self) -> None:
        if not (init := self.init()):
            return
        with suppress(ProcessLookupError):
            os.kill(init, signal.SIGKILL)
        gone = Path(f"/proc/{init}")
        wait(lambda: not gone.exists(), 10, f"{self._name} dies")

"""A real sshd on loopback, with keys, a port and a folder of its own.

It runs as the current user, lets that user in, and goes with the test. Needs Debian's
openssh-server, which is installed, and said so, where it is missing.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from tests.checks import eventually

_PROJECT = Path(__file__).parent.parent
NAME = "lab"
"""What the client's configuration calls the host."""


class Sshd:
    def __init__(self, folder: Path, *settings: str) -> None:
        """`settings` are lines of sshd_config, such as `AllowTcpForwarding no`."""
        _bring()
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        for name in ("host", "client", "stranger"):
            self._make_key(name)
        shutil.copy(folder / "client.pub", folder / "authorized_keys")
        self.know_host("host")
        self.start()

    def _make_key(self, name: str) -> None:
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name]
        subprocess.run(words, check=True, cwd=self._folder)

    def know_host(self, key: str) -> None:
        """The client takes this to be the host's key."""
        public = (self._folder / f"{key}.pub").read_text()
        (self._folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}")

    def forget_host(self) -> None:
        """The client knows no key of the host."""
        (self._folder / "known_hosts").write_text("")

    # -- the server
    def start(self) -> None:
        lines = (
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self._folder}/host",
            f"AuthorizedKeysFile {self._folder}/authorized_keys",
            "StrictModes no",
            "UsePAM no",
            "PidFile none",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            *self._settings,
        )
        config = self._folder / "sshd_config"
        config.write_text("\n".join([*lines, ""]))
        with (self._folder / "sshd.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)],
                stderr=log,
                start_new_session=True,
            )
        eventually(self._takes, what="sshd listens")

    def _takes(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except ConnectionRefusedError:
            return False
        return True

    def stop(self) -> None:
        """End it with all its connections."""
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Everything stays as it is, and nobody answers any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pids(self) -> list[int]:
        """It and its children's children, which have process groups of their own."""
        assert self._process is not None
        found = [self._process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            if children.exists():
                found += map(int, children.read_text().split())
        return found

    # -- the client
    def config(self, *, key: str = "client") -> str:
        """A configuration with which ssh reaches it under NAME."""
        path = self._folder / f"ssh_config_{key}"
        path.write_text(
            f"Host {NAME}\n"
            "  HostName 127.0.0.1\n"
            f"  Port {self.port}\n"
            f"  User {getpass.getuser()}\n"
            f"  IdentityFile {self._folder}/{key}\n"
            "  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {self._folder}/known_hosts\n"
        )
        return str(path)


def _bring() -> None:
    script = _PROJECT / "scripts" / "apt-install"
    subprocess.run([script, "openssh-server"], check=True)
    if os.geteuid() == 0:
        # Where sshd shuts itself in; the boot of a machine with systemd makes it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)

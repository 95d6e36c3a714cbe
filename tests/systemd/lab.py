"""A real systemd as process 1 of a lab beside this machine; see `hold` and `boot`.

Rules
- What runs in the lab cannot write to this machine's files; only the engine's socket
  and the network are shared.
- The lab ends with the test run, however that ends.
"""

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.checks import eventually

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
_BOOT_SECONDS = 30.0


class Lab:
    """Booted when constructed; `close` ends all that runs in it."""

    def __init__(self, folder: Path) -> None:
        argv = ["unshare", "--mount", "--propagation", "private"]
        argv += [str(HERE / "hold"), str(folder), str(CHECKOUT)]
        folder.mkdir()
        self._log = folder / "hold.log"
        with self._log.open("wb") as log:
            self.holder = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C is for the test run, which then closes the lab.
                start_new_session=True,
            )
        try:
            self.pid = self._boot()
        except BaseException:
            self.close()
            raise
        self.root = Path(f"/proc/{self.pid}/root")

    def _boot(self) -> int:
        assert self.holder.stdout is not None
        if not select.select([self.holder.stdout], [], [], _BOOT_SECONDS)[0]:
            raise RuntimeError("the lab did not boot in time")
        line = self.holder.stdout.readline()
        if not line:
            raise RuntimeError(f"the lab did not boot: {self._log.read_text()}")
        self.pid = int(line)
        self._namespace = _namespace(self.pid)
        assert self._namespace != _namespace(os.getpid()), "the lab is this machine"
        eventually(self._is_up, within=_BOOT_SECONDS, what="systemd answers")
        return self.pid

    def _is_up(self) -> bool:
        asked = self.run("systemctl", "is-system-running")
        return asked.stdout.strip() in ("running", "degraded")

    def close(self) -> None:
        if self.holder.stdin is not None:
            self.holder.stdin.close()
        if self.holder.stdout is not None:
            self.holder.stdout.close()
        self.holder.wait(30)

    # -- inside

    def run(
        self, *argv: str, timeout: float = 60, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command in the lab as root; its status is not checked.

        Never anywhere else: the number of a lab that has died may be another's.
        """
        assert _namespace(self.pid) == self._namespace, "the lab has died"
        enter = ["nsenter", "--target", str(self.pid)]
        enter += ["--mount", "--pid", "--uts", "--ipc", "--cgroup"]
        return subprocess.run(
            [*enter, "--", *argv],
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def path(self, path: str) -> Path:
        """A file of the lab, as seen from here."""
        return self.root / path.removeprefix("/")

    def write(self, path: str, text: str) -> None:
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)

    def systemctl(self, *argv: str) -> str:
        """What systemctl prints. Raises AssertionError when it refuses."""
        done = self.run("systemctl", *argv)
        assert done.returncode == 0, f"systemctl {' '.join(argv)}: {done.stderr}"
        return done.stdout.strip()

    def journal(self, unit: str) -> str:
        """What the unit and systemd about it have written, times left out."""
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")
    except OSError:
        return ""


@contextmanager
def booted(folder: Path) -> Iterator[Lab]:
    """A lab that is gone at the end of the block."""
    lab = Lab(folder)
    try:
        yield lab
    finally:
        lab.close()

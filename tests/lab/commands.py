"""Run programs of this machine, and wait for what they bring about."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable

PACKAGES = {
    "dockerd": "docker.io",
    "bridge": "iproute2",
    "ip": "iproute2",
    "tc": "iproute2",
    "iptables": "iptables",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "unshare": "util-linux",
}
"""What a lab runs, and the package of Debian that has it."""

_LOOK_SECONDS = 0.01
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Not on the PATH of every root shell; behind it, so that PATH chooses the engine."""

_NOT_FOR_DOCKERD = ("DOCKER_", "LISTEN_", "NOTIFY_SOCKET", "WATCHDOG_")
"""DOCKER_TLS_VERIFY is an option of dockerd, too; the others are systemd's, for us."""


class LabError(Exception):
    """The lab cannot do what it is asked; the text says what to do."""


def environment() -> dict[str, str]:
    """Ours, without what would make dockerd another one than it is told to be."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_FOR_DOCKERD)}
    return kept | {"PATH": f"{path}:{_SYSTEM_FOLDERS}", "LC_ALL": "C"}


def require() -> None:
    """Raise unless this is root and everything that a lab runs is installed."""
    if os.geteuid():
        raise LabError("a lab makes namespaces and mounts: run it as root")
    path = environment()["PATH"]
    missing = [name for name in PACKAGES if shutil.which(name, path=path) is None]
    if missing:
        packages = " ".join(sorted({PACKAGES[name] for name in missing}))
        raise LabError(
            f"not on this machine: {', '.join(missing)}; "
            f"on Debian: apt-get install {packages}"
        )


def run(*argv: str, stdin: str | None = None) -> str:
    """The output of a program that must succeed."""
    done = _call(argv, stdin)
    if done.returncode:
        said = done.stderr.strip() or f"exit status {done.returncode}"
        raise LabError(f"{' '.join(argv)}: {said}")
    return done.stdout


def attempt(*argv: str) -> bool:
    """Run a program that may fail, as when what it removes is not there."""
    return _call(argv, None).returncode == 0


def _call(
    argv: tuple[str, ...], stdin: str | None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        argv, input=stdin, capture_output=True, text=True, env=environment()
    )


def wait(check: Callable[[], object], seconds: float, what: str) -> None:
    """Look until `check` is truthy; LabError if it is not in time."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise LabError(f"not in {seconds:g} s: {what}")
        time.sleep(_LOOK_SECONDS)

"""The command under test: real kubectl, and our own with the same arguments."""

import subprocess
from pathlib import Path

import pytest

from tests.daemon import Daemon

CONFIGS = Path(__file__).parents[2] / "configs"


class Cli:
    """Runs commands in the test's namespace."""

    def __init__(self, daemon: Daemon, namespace: str, program: str) -> None:
        self.daemon = daemon
        self.namespace = namespace
        self.program = program

    def call(
        self,
        *argv: str,
        stdin: str | None = None,
        env: dict[str, str] | None = None,
        timeout: float = 90,
    ) -> "subprocess.CompletedProcess[str]":
        run = getattr(self.daemon, self.program)
        words = ("-n", self.namespace, *argv)
        if self.program == "supervisor":
            words = (argv[0], "-n", self.namespace, *argv[1:])
        done: subprocess.CompletedProcess[str] = run(
            *words, input=stdin, env=env or {}, timeout=timeout
        )
        return done

    def __call__(
        self,
        *argv: str,
        stdin: str | None = None,
        env: dict[str, str] | None = None,
        timeout: float = 90,
    ) -> str:
        """The output of a command that must succeed."""
        done = self.call(*argv, stdin=stdin, env=env, timeout=timeout)
        assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *argv: str, stdin: str | None = None) -> str:
        """Stderr of a command that must fail."""
        done = self.call(*argv, stdin=stdin)
        assert done.returncode != 0, f"{argv} succeeded: {done.stdout}"
        return done.stderr


@pytest.fixture(params=["kubectl", "supervisor"])
def cli(request: pytest.FixtureRequest, daemon: Daemon, namespace: str) -> Cli:
    return Cli(daemon, namespace, request.param)

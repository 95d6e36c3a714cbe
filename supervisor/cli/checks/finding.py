"""The result of a check, and the context that checks run in."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

from supervisor.cli.failure import Failure
from supervisor.cli.session import Session


class Level(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    level: Level
    subject: str
    text: str
    hint: str = ""


def ok(subject: str, text: str) -> Finding:
    return Finding(Level.OK, subject, text)


def warn(subject: str, text: str, hint: str = "") -> Finding:
    return Finding(Level.WARN, subject, text, hint)


def fail(subject: str, text: str, hint: str = "") -> Finding:
    return Finding(Level.FAIL, subject, text, hint)


class CheckContext:
    """The machine and the daemon to check.

    `state_dir` is the daemon's, `engine` an address of a Docker engine, `listen` the
    HOST:PORT of the API.
    """

    def __init__(
        self, session: Session, state_dir: Path, engine: str, listen: str
    ) -> None:
        self.session = session
        self.state_dir = state_dir
        self.engine = engine
        self.listen = listen

    @cached_property
    def docker(self) -> Any:
        """The engine's low-level client. Raises docker.errors.DockerException."""
        from supervisor.runtime.docker.connection.docker_py import ApiClient

        return ApiClient(self.engine, version="auto", timeout=5)

    @cached_property
    def api_answers(self) -> bool:
        """Whether the API answers GET /version."""
        from supervisor.model.errors import ApiError

        try:
            self.session.client.connection.json("GET", "/version")
        except (ApiError, Failure):
            return False
        return True

"""Connections to a pod's loopback address, through a command in its sandbox.

Rules
- The command is the pause program itself, so the pod's images need no tools.
- Its first byte of output reports that it has connected and is not part of the stream.

Follows what cri-dockerd and containerd do for port-forward with the pod's namespace.
"""

import os

from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.streams.exec import open_exec
from supervisor.runtime.docker.streams.reaper import Reaper
from supervisor.runtime.docker.streams.session import Session

_MADE_BEFORE = 1
"""Exit code of older pause programs, which cannot forward."""


class Forwarded:
    """Satisfies model.streams.ByteStream."""

    def __init__(self, session: Session, early: bytes) -> None:
        self._session = session
        self._early = early

    def read(self) -> bytes:
        early, self._early = self._early, b""
        return early or _output(self._session)

    def write(self, data: bytes) -> None:
        self._session.write(data)

    def close_write(self) -> None:
        self._session.close_stdin()

    def close(self) -> None:
        self._session.close()


def open_forward(
    client: EngineClient, reaper: Reaper, sandbox_id: str, port: int
) -> Forwarded:
    """Raises OSError when the connection fails."""
    command = ("/pause", "forward", str(port))
    session = open_exec(client, reaper, sandbox_id, command, stdin=True, tty=False)
    if first := _output(session):
        return Forwarded(session, first[1:])
    try:
        code = session.exit_code()
    finally:
        session.close()
    if code == _MADE_BEFORE:
        raise OSError("the pod's sandbox was made by an earlier version")
    raise OSError(code, os.strerror(code))


def _output(session: Session) -> bytes:
    """The next bytes of stdout; empty at the end."""
    while piece := session.read():
        if piece[0] == 1 and piece[1]:
            return piece[1]
    return b""

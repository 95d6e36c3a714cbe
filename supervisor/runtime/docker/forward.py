"""Connections to a port on a pod's own loopback, through a command in its sandbox.

Rules
- The command is the pause program itself, so the pod's images need nothing.
- That it has connected is told by the first byte, which is not part of the stream.

Follows what cri-dockerd and containerd do for port-forward with the pod's namespace.
"""

import os

from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.exec import Session, open_exec
from supervisor.runtime.docker.reaper import Reaper

_MADE_BEFORE = 1
"""What a pause program answers that does not know how to forward."""


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
    engine: Engine, reaper: Reaper, sandbox_id: str, port: int
) -> Forwarded:
    """Raises OSError when nothing takes the connection."""
    command = ("/pause", "forward", str(port))
    session = open_exec(engine, reaper, sandbox_id, command, stdin=True, tty=False)
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

"""The answer to a call outside docker-py, read as it arrives."""

import http.client
import json
import socket
from dataclasses import dataclass

from supervisor.runtime.base import EngineUnavailable, RuntimeFailure
from supervisor.runtime.docker.connection.errors import refusal, translated

_PIECE = 1 << 16


@dataclass
class Response:
    """A stream that any thread may close, which ends another thread's blocked read."""

    connection: http.client.HTTPConnection
    answer: http.client.HTTPResponse
    sock: socket.socket
    closed: bool = False

    def read_some(self) -> bytes:
        """The next bytes, empty at the end. Raises EngineUnavailable if the connection
        is lost."""
        try:
            with translated():
                return self.answer.read1(_PIECE)
        except EngineUnavailable:
            if self.closed:
                return b""
            raise

    def close(self) -> None:
        self.closed = True
        hang_up(self.sock)

    def release(self) -> None:
        """Close the socket; no other thread may be reading."""
        self.answer.close()
        self.connection.close()


def hang_up(sock: socket.socket | None) -> None:
    """Shut a connection down for the thread that reads it, which then closes it."""
    if sock is None:
        return
    try:
        # Not SSLSocket's own: that discards the TLS state while the reader uses it.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # closed by the peer


def refused(status: int, body: bytes) -> RuntimeFailure:
    """The exception for an error response of the engine."""
    text = body.decode(errors="replace")
    try:
        text = str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return refusal(status, text)
    return refusal(status, text)

"""The answer to a call outside docker-py, read as it arrives."""

import http.client
import json
import socket

from supervisor.runtime.base import EngineUnavailable, RuntimeFailure
from supervisor.runtime.docker.connection.errors import refusal, translated
from supervisor.runtime.docker.connection.shared import Shared

_PIECE = 1 << 16


class Response:
    """A stream that any thread may close, which ends another thread's blocked read."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        answer: http.client.HTTPResponse,
        sock: socket.socket,
    ) -> None:
        """http.client drops `sock` when the answer ends the connection."""
        self.answer = answer
        self._connection = connection
        self._shared = Shared(lambda: hang_up(sock), self._release)

    @property
    def closed(self) -> bool:
        return self._shared.closed

    def read_some(self) -> bytes:
        """The next bytes, empty at the end. Raises EngineUnavailable if the connection
        is lost."""
        with self._shared.use() as is_open:
            try:
                with translated():
                    return self.answer.read1(_PIECE) if is_open else b""
            except EngineUnavailable:
                if self.closed:
                    return b""
                raise

    def close(self) -> None:
        self._shared.close()

    def _release(self) -> None:
        self.answer.close()
        self._connection.close()


def hang_up(sock: socket.socket | None) -> None:
    """Shut a connection down, which ends another thread's blocked read."""
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

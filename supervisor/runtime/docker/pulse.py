"""Ask a Docker engine whether it lives, on a connection kept for nothing else.

Rules
- The connection stays open between two questions, so that asking costs one packet each
  way and no TLS handshake. Any failure closes it; the next question opens another.
- A connection that the engine closed while it was idle says nothing: the question is
  asked once more on a new one.
- Every answer says which API the engine speaks. When that changes, another version of
  the engine runs there, with which the API is agreed on anew; one that is too old is as
  good as none.
"""

import http.client
import time

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.engine import Engine, hang_up
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.versions import MIN_API, is_new_enough

_STALE = (http.client.RemoteDisconnected, ConnectionError)


class DockerPulse:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: http.client.HTTPConnection | None = None
        #: The newest API of the engine, as it said last.
        self._spoken = ""

    def ask(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        with translated():
            if self._connection is not None:
                try:
                    return self._ask(self._connection, deadline)
                except _STALE:
                    self._drop()
            connection = http.client.HTTPConnection("localhost")
            connection.sock = self._engine.dial(timeout)
            self._connection = connection
            return self._ask(connection, deadline)

    def _ask(self, connection: http.client.HTTPConnection, deadline: float) -> None:
        try:
            connection.sock.settimeout(_left(deadline))
            connection.request("GET", "/_ping")
            connection.sock.settimeout(_left(deadline))
            answer = connection.getresponse()
            answer.read()
        except BaseException:
            self._drop()
            raise
        if answer.will_close:
            self._drop()
        if answer.status != 200:
            raise EngineUnavailable(
                f"the Docker engine answers with status {answer.status}"
            )
        self._hear(answer.getheader("Api-Version", ""))

    def _hear(self, spoken: str) -> None:
        before, self._spoken = self._spoken, spoken
        if before and spoken != before:
            self._engine.agree_anew()
        if spoken and not is_new_enough(spoken):
            raise EngineUnavailable(
                f"the engine speaks API {spoken}, and {MIN_API} is needed"
            )

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End a question that is being asked; any thread."""
        connection = self._connection
        if connection is not None:
            hang_up(connection.sock)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

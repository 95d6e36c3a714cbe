"""Check that a Docker engine is alive, on a connection of its own.

Rules
- The connection stays open between two checks, so that a check costs one packet each
  way and no TLS handshake. Any failure closes it; the next check opens another.
- A connection that the engine closed while it was idle proves nothing: the check is
  repeated once on a new one.
- Every answer names the engine's version of the API. When it changes, another version
  of the engine runs there, and the version is negotiated again. An engine that is too
  old counts as unavailable.
"""

import http.client
import threading
import time

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.response import hang_up
from supervisor.runtime.versions import MIN_API, is_new_enough

_STALE = (http.client.RemoteDisconnected, ConnectionError)


class DockerPulse:
    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._asking = threading.Lock()
        self._closed = False
        self._connection: http.client.HTTPConnection | None = None
        #: The newest version of the API that the engine speaks, as of the last answer.
        self._spoken = ""

    def ask(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        with self._asking:
            try:
                with translated():
                    self._ask_kept_or_new(deadline, timeout)
            finally:
                if self._closed:
                    self._drop()

    def _ask_kept_or_new(self, deadline: float, timeout: float) -> None:
        if self._connection is not None:
            try:
                return self._ask(self._connection, deadline)
            except _STALE:
                self._drop()
        connection = http.client.HTTPConnection("localhost")
        connection.sock = self._client.dial(timeout)
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
        self._check_version(answer.getheader("Api-Version", ""))

    def _check_version(self, spoken: str) -> None:
        before, self._spoken = self._spoken, spoken
        if before and spoken != before:
            self._client.renegotiate()
        if spoken and not is_new_enough(spoken):
            raise EngineUnavailable(
                f"the engine speaks API {spoken}, and {MIN_API} is needed"
            )

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Abort a check in progress. Thread-safe."""
        self._closed = True
        connection = self._connection
        if connection is not None:
            hang_up(connection.sock)
        # A thread that is asking closes the connection itself.
        if self._asking.acquire(blocking=False):
            try:
                self._drop()
            finally:
                self._asking.release()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

"""A socket, optionally with TLS, that one thread reads while another writes.

OpenSSL does not allow concurrent reads and writes of a connection, and a blocking read
under a lock would block writers. So the socket is non-blocking: threads poll without
the lock and hold it only during the system call.
"""

import contextlib
import select
import socket
import ssl
import threading
import time
from urllib.parse import urlsplit

from supervisor.client.connection import Connection
from supervisor.client.unreachable import Unreachable

_CONNECT_SECONDS = 10.0


class DuplexSocket:
    """A connection to the server of `connection`. Raises Unreachable."""

    def __init__(self, connection: Connection) -> None:
        self.host = connection.host
        self._lock = threading.Lock()
        where = urlsplit(connection.server)
        port = where.port or (443 if where.scheme == "https" else 80)
        name = where.hostname or ""
        try:
            sock = socket.create_connection((name, port), _CONNECT_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if connection.context is not None:
                sock = connection.context.wrap_socket(sock, server_hostname=name)
        except OSError as error:
            detail = (error.strerror or str(error)).lower()
            raise Unreachable(self.host, detail) from error
        sock.setblocking(False)
        self._sock = sock

    def receive(self, timeout: float | None = None) -> bytes:
        """Wait for data; b"" at the end of the connection. `timeout` is in seconds.

        Raises Unreachable after the timeout.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                with self._lock:
                    return self._sock.recv(65536)
            except (ssl.SSLWantReadError, BlockingIOError):
                self._wait(select.POLLIN, until)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT, until)
            except (OSError, ValueError):
                return b""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Only one thread at a time may call it.

        Raises Unreachable.
        """
        left = memoryview(data)
        while left:
            try:
                with self._lock:
                    left = left[self._sock.send(left) :]
            except (ssl.SSLWantWriteError, BlockingIOError):
                self._wait(select.POLLOUT, None)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN, None)
            except (OSError, ValueError) as error:
                raise Unreachable(self.host, "the connection is closed") from error

    def close(self) -> None:
        """Close the connection; ends blocked calls of other threads."""
        with contextlib.suppress(OSError):
            # On the plain socket: a TLS shutdown would need the lock.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        with self._lock:
            self._sock.close()

    def _wait(self, event: int, until: float | None) -> None:
        poll = select.poll()
        descriptor = self._sock.fileno()
        if descriptor < 0:
            raise Unreachable(self.host, "the connection is closed")
        poll.register(descriptor, event)
        left = None if until is None else max(0.0, until - time.monotonic()) * 1000
        if not poll.poll(left):
            raise Unreachable(self.host, "no answer in time")

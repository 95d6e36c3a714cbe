"""The server's end of a TLS connection, which behaves as Go's crypto/tls does.

Docker engines are Go programs, and an SSLSocket of Python is kinder to its peer:

- After the client's close_notify this end sends on, as Go's does.
- `close` sends close_notify and closes at once. It waits for nothing and leaves unread
  what the client has sent, so that the kernel resets the connection.
"""

import socket
import ssl
import threading
from contextlib import suppress

_PIECE = 1 << 16


class GoTls:
    """One thread may read while another writes."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        """Shakes hands. Raises OSError."""
        self._sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._lock = threading.Lock()
        while not self._is_shaken():
            self._receive()

    def _is_shaken(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._sock.sendall(self._outgoing.read())
        return True

    def _receive(self) -> None:
        sealed = self._sock.recv(_PIECE)
        with self._lock:
            if sealed:
                self._incoming.write(sealed)
            else:
                self._incoming.write_eof()

    def recv(self, size: int) -> bytes:
        """Waits; empty after the client's close_notify."""
        while True:
            try:
                with self._lock:
                    return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._receive()

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            with self._lock:
                left = left[self._tls.write(left) :]
                sealed = self._outgoing.read()
            self._sock.sendall(sealed)

    def close(self) -> None:
        with self._lock, suppress(ssl.SSLError):
            self._tls.unwrap()
        with suppress(OSError):
            self._sock.sendall(self._outgoing.read())
        self.cut()

    def cut(self) -> None:
        """Close without a word, as the kernel does for a program that was killed."""
        with suppress(OSError):
            # A thread that waits in `recv` would keep the connection open.
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

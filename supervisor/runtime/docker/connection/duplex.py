"""A connection that can be half-closed, with or without TLS.

Rules
- Nothing blocks after the handshake: operations that would block raise
  BlockingIOError. Waiting, timeouts and locking are the caller's responsibility.
- `end` closes our direction only; the peer's data is read as before.
- TLS runs in memory (ssl.MemoryBIO) instead of on the socket. SSLSocket.unwrap() reads
  the socket and discards data that arrives between our close_notify and the peer's, and
  a Go server continues to send after it has read ours.
- With TLS, a connection that ends without the peer's close_notify was truncated, which
  is an error (RFC 8446, section 6.1).
"""

import errno
import socket
import ssl
from contextlib import suppress
from typing import Protocol

_RECEIVE_BYTES = 64 << 10
_RECORD_BYTES = 16 << 10
"""Maximum plaintext of a TLS record."""
_WANT = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Duplex(Protocol):
    """Not thread-safe. Connection errors are OSErrors."""

    sock: socket.socket
    """For polling and closing."""

    def receive(self) -> bytes:
        """The next bytes; empty at the end."""

    def send(self, data: memoryview) -> int:
        """Accept a part of `data` and return its length; `flush` sends the rest."""

    def end(self) -> None:
        """Close our direction; `flush` sends what is buffered."""

    def flush(self) -> None:
        """Send everything that was accepted."""


class PlainDuplex:
    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock

    def receive(self) -> bytes:
        return self.sock.recv(_RECEIVE_BYTES)

    def send(self, data: memoryview) -> int:
        return self.sock.send(data)

    def end(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def flush(self) -> None:
        """The kernel has everything already."""


class TlsDuplex:
    """The constructor performs the handshake, within the socket's timeout."""

    def __init__(
        self, sock: socket.socket, context: ssl.SSLContext, server_hostname: str
    ) -> None:
        self.sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        #: Encrypted bytes that the kernel has not accepted yet.
        self._unsent = memoryview(b"")
        #: Data that `end` has read; at most _RECEIVE_BYTES.
        self._arrived = bytearray()
        self._ended = False
        self._shake_hands()
        sock.setblocking(False)

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.sock.sendall(self._outgoing.read())
                self._take(self.sock.recv(_RECEIVE_BYTES))
            except ssl.SSLError:
                with suppress(OSError):
                    # The alert that tells the peer why.
                    self.sock.sendall(self._outgoing.read())
                raise
            else:
                return self.sock.sendall(self._outgoing.read())

    def receive(self) -> bytes:
        if self._arrived:
            data = bytes(self._arrived)
            self._arrived.clear()
            return data
        while not self._ended:
            try:
                return self._decrypted()
            except _WANT:
                self._take(self.sock.recv(_RECEIVE_BYTES))
        return b""

    def send(self, data: memoryview) -> int:
        self.flush()
        taken = self._tls.write(data[:_RECORD_BYTES])
        self._encrypt()
        return taken

    def end(self) -> None:
        # OpenSSL discards data that it reads while waiting for the peer's close_notify.
        with suppress(*_WANT):
            while not self._ended:
                self._arrived += self._decrypted()
        with suppress(*_WANT):  # the peer has not closed its direction yet
            self._tls.unwrap()
        self._encrypt()

    def flush(self) -> None:
        while self._unsent:
            self._unsent = self._unsent[self.sock.send(self._unsent) :]

    def _decrypted(self) -> bytes:
        """The plaintext of one received record; empty at the end."""
        try:
            data = self._tls.read(_RECORD_BYTES)
        except ssl.SSLZeroReturnError:
            data = b""  # the end, after ours was closed
        except ssl.SSLEOFError:
            text = "the connection was cut off"
            raise ConnectionResetError(errno.ECONNRESET, text) from None
        self._ended = not data
        return data

    def _take(self, received: bytes) -> None:
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()

    def _encrypt(self) -> None:
        if self._outgoing.pending:
            self._unsent = memoryview(bytes(self._unsent) + self._outgoing.read())

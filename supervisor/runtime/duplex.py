"""A connection whose two directions end one after the other, with TLS or without.

Rules
- Nothing here blocks after the handshake: what cannot be done yet raises
  BlockingIOError. Waiting, timeouts and locking are the caller's.
- `end` ends our direction only; what the other side still sends is read as before.
- TLS runs in memory (ssl.MemoryBIO) and not on the socket. SSLSocket.unwrap() reads the
  socket and throws away data that arrives between our close_notify and the other
  side's, and a Go server goes on sending after it has read ours.
- With TLS, a connection that ends without the other side's close_notify was cut off,
  which is an error (RFC 8446, section 6.1).
"""

import errno
import socket
import ssl
from contextlib import suppress
from typing import Protocol

_RECEIVE_BYTES = 64 << 10
_RECORD_BYTES = 16 << 10
"""The most plaintext that a TLS record holds."""
_WANT = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Duplex(Protocol):
    """Used by one thread at a time. Errors of the connection are OSErrors."""

    sock: socket.socket
    """To wait on, and to close."""

    def receive(self) -> bytes:
        """The next bytes; empty at the end."""

    def send(self, data: memoryview) -> int:
        """Take some of `data` and say how much; `flush` sends what is left here."""

    def end(self) -> None:
        """Tell the other side that nothing more comes, once `flush` has sent it."""

    def flush(self) -> None:
        """Send all that was taken."""


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
        """Everything taken is with the kernel already."""


class TlsDuplex:
    """Made by a handshake, which blocks for as long as the socket's timeout says."""

    def __init__(
        self, sock: socket.socket, context: ssl.SSLContext, server_hostname: str
    ) -> None:
        self.sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        #: Sealed bytes that the kernel has not taken yet.
        self._unsent = memoryview(b"")
        #: What was read by `end`; bounded by one piece of _RECEIVE_BYTES.
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
                    # The alert that says what we do not accept.
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
                return self._opened()
            except _WANT:
                self._take(self.sock.recv(_RECEIVE_BYTES))
        return b""

    def send(self, data: memoryview) -> int:
        self.flush()
        taken = self._tls.write(data[:_RECORD_BYTES])
        self._seal()
        return taken

    def end(self) -> None:
        # OpenSSL discards data that it finds while it looks for the other side's end.
        with suppress(*_WANT):
            while not self._ended:
                self._arrived += self._opened()
        with suppress(*_WANT):  # the other side has not ended its direction yet
            self._tls.unwrap()
        self._seal()

    def flush(self) -> None:
        while self._unsent:
            self._unsent = self._unsent[self.sock.send(self._unsent) :]

    def _opened(self) -> bytes:
        """The plaintext of one record that is here; empty at the end."""
        try:
            data = self._tls.read(_RECORD_BYTES)
        except ssl.SSLZeroReturnError:
            data = b""  # the end, once our own direction has ended
        except ssl.SSLEOFError:
            text = "the connection was cut off"
            raise ConnectionResetError(errno.ECONNRESET, text) from None
        self._ended = not data
        return data

    def _take(self, sealed: bytes) -> None:
        if sealed:
            self._incoming.write(sealed)
        else:
            self._incoming.write_eof()

    def _seal(self) -> None:
        if self._outgoing.pending:
            self._unsent = memoryview(bytes(self._unsent) + self._outgoing.read())

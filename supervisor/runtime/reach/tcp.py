"""A TCP connection to a port of a pod, as a ByteStream."""

import socket

_PIECE = 64 << 10


class TcpStream:
    """One thread may read while another writes, and a third may close."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(None)
        self._sock = sock

    def read(self) -> bytes:
        try:
            return self._sock.recv(_PIECE)
        except OSError:
            return b""  # reset by the peer, or closed by us

    def write(self, data: bytes) -> None:
        self._sock.sendall(data)

    def close_write(self) -> None:
        self._shut(socket.SHUT_WR)

    def close(self) -> None:
        self._shut(socket.SHUT_RDWR)
        self._sock.close()

    def _shut(self, how: int) -> None:
        try:
            self._sock.shutdown(how)
        except OSError:
            return  # closed by the peer

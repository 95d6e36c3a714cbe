"""A relay in front of an engine's socket, which can be cut or fall silent.

It ends connections as an engine does: when the engine's side has ended, the client's
is closed at once, whatever the client still sends. TLS is as Go's (tests/go_tls.py).
"""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

from tests.go_tls import GoTls

End = socket.socket | GoTls


class Relay:
    """Hands every connection on to the socket `behind`, until it is told otherwise."""

    def __init__(
        self,
        behind: str,
        *,
        path: Path | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._behind = behind
        self._tls = tls
        self._silent = threading.Event()
        self._open: list[socket.socket] = []
        if path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self.endpoint = f"unix://{path}"
        else:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Inherited by what is accepted, as Go sets it.
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._listener.bind(("127.0.0.1", port))
            self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._listener.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Accept and take everything, and answer nothing."""
        self._silent.set()

    def cut(self) -> None:
        """End all connections, and take no more."""
        # A thread that is waiting in accept would keep the port open.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[plain], daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            near = GoTls(plain, self._tls) if self._tls else plain
        except OSError:
            plain.close()
            return
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._behind)
        self._open += [plain, far]
        there = threading.Thread(target=self._copy, args=[near, far], daemon=True)
        there.start()
        self._copy(far, near)
        near.close()
        there.join()
        far.close()

    def _copy(self, source: End, target: End) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._silent.is_set():
                    target.sendall(data)
        if isinstance(target, socket.socket):
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

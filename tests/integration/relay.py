"""A socket between a daemon and the engine, which can be cut, frozen, slow, or mad."""

import contextlib
import socket
import threading
from enum import Enum
from pathlib import Path

ENGINE = "/var/run/docker.sock"
_PIECE = 1 << 16
_SLOW_SECONDS = 0.15


class Mode(Enum):
    PASS = "hands everything on"
    CUT = "nobody listens"
    FROZEN = "takes everything and answers nothing"
    SLOW = "answers, each piece late"
    GARBAGE = "answers what is no HTTP"
    ERROR = "answers every call with status 500"
    LIES = "answers every call with an empty list"


_ANSWERS = {
    Mode.GARBAGE: b"\x00\x17 what? \xff\xfe\r\n\r\n{]\r\n",
    Mode.ERROR: (
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 21\r\n"
        b'Connection: close\r\n\r\n{"message": "no way"}'
    ),
    Mode.LIES: (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
        b'Connection: close\r\n\r\n{"a":'
    ),
}


class Relay:
    """Listens at `path` from `start` until `stop`; changes of `mode` count at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mode = Mode.PASS
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        #: Not set while everything is frozen.
        self._flows = threading.Event()
        self._flows.set()

    @property
    def address(self) -> str:
        return f"unix://{self.path}"

    def start(self) -> "Relay":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self.path))
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Nobody listens any more, and all connections are cut."""
        listener, self._listener = self._listener, None
        if listener is not None:
            self.path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._flows.set()
        self._cut()

    def turn(self, mode: Mode) -> None:
        """From now on behave so; connections that are open are frozen or cut."""
        was, self.mode = self.mode, mode
        if was is Mode.CUT and mode is not Mode.CUT:
            self.start()
        if mode is Mode.FROZEN:
            self._flows.clear()
            return
        self._flows.set()
        if mode is Mode.CUT:
            self.stop()
        elif mode is not Mode.SLOW:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            sockets, self._open = self._open, set()
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            self._keep(peer)
            self._flows.wait()
            answer = _ANSWERS.get(self.mode)
            if answer is not None:
                with contextlib.suppress(OSError):
                    peer.recv(_PIECE)
                    peer.sendall(answer)
                return
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as engine:
                engine.connect(ENGINE)
                self._keep(engine)
                forth = threading.Thread(
                    target=self._copy, args=(peer, engine), daemon=True
                )
                forth.start()
                self._copy(engine, peer)
                forth.join()

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.add(sock)

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                self._flows.wait()
                if self.mode is Mode.SLOW:
                    threading.Event().wait(_SLOW_SECONDS)
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        with self._lock:
            self._open.discard(source)

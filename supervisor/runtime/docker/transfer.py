"""Whole images out of an engine and into another, as streams of bytes.

Rules
- Memory is bounded: one piece is under way at a time, whatever the image's size.
- An engine does one of each at a time. Whoever saves waits for nobody that waits for
  him: a load never begins a save.
- An engine may think for long before its first byte and after our last one, since it
  packs and unpacks whole layers; between pieces a silence means that it is away.
- What breaks in the middle is an error on both sides: an archive cut short is closed
  without the mark of its end, so that no engine takes it for whole.
"""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlencode

from supervisor.runtime.base import EngineRefused, EngineUnavailable, Image
from supervisor.runtime.docker.engine import Engine, hang_up, refused
from supervisor.runtime.docker.errors import translated

_PIECE = 1 << 18
_PACKING_SECONDS = 1800.0
_SILENCE_SECONDS = 60.0
_TURN_SECONDS = 1800.0


class Transfers:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._saving = threading.Lock()
        self._loading = threading.Lock()

    def save(self, name: str, image: Image) -> "Archive":
        """The archive of `image`, under the name asked for or, for an id, all names."""
        _take_turn(self._saving, "saves")
        try:
            return self._open(_names(name, image))
        except BaseException:
            self._saving.release()
            raise

    def _open(self, names: Sequence[str]) -> "Archive":
        connection = self._connection()
        try:
            with translated():
                wanted = urlencode([("names", name) for name in names])
                connection.request("GET", self._url(f"/images/get?{wanted}"))
                # An answer that ends the connection takes the socket with it.
                sock = connection.sock
                answer = connection.getresponse()
                if answer.status >= 400:
                    raise refused(answer.status, answer.read())
                sock.settimeout(_SILENCE_SECONDS)
        except BaseException:
            connection.close()
            raise
        return Archive(connection, answer, sock, self._saving.release)

    def load(self, archive: Iterable[bytes]) -> None:
        _take_turn(self._loading, "loads")
        try:
            self._load(archive)
        finally:
            self._loading.release()

    def _load(self, archive: Iterable[bytes]) -> None:
        connection = self._connection()
        try:
            with translated():
                connection.putrequest("POST", self._url("/images/load?quiet=1"))
                connection.putheader("Content-Type", "application/x-tar")
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders()
                connection.sock.settimeout(_SILENCE_SECONDS)
            for piece in archive:
                if not self._send(connection, piece):
                    break
            else:
                self._send(connection, b"")
            with translated():
                connection.sock.settimeout(_PACKING_SECONDS)
                answer = connection.getresponse()
                _check(answer.status, answer.read())
        finally:
            connection.close()

    def _send(self, connection: http.client.HTTPConnection, piece: bytes) -> bool:
        """Send one chunk, the empty one as the end; False if the engine hung up.

        An engine that refuses an archive says why, and reads no further.
        """
        with translated():
            try:
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            except (BrokenPipeError, ConnectionResetError):
                return False
        return True

    def _connection(self) -> http.client.HTTPConnection:
        """A connection of our own, patient until the answer begins."""
        connection = http.client.HTTPConnection("localhost", blocksize=_PIECE)
        connection.sock = self._engine.dial()
        connection.sock.settimeout(_PACKING_SECONDS)
        return connection

    def _url(self, path: str) -> str:
        # With its query: a mapping cannot say one name several times.
        return f"{self._engine.url('', {})}{path}"


class Archive:
    """Satisfies model.streams.ImageArchive."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        answer: http.client.HTTPResponse,
        sock: socket.socket,
        done: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._answer = answer
        self._done: Callable[[], None] | None = done
        self._sock = sock
        self._closing = threading.Lock()
        self._reading = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._read():
            yield piece

    def _read(self) -> bytes:
        """The next piece; unlike read1, this tells an end from a broken connection."""
        with self._reading, translated():
            if self._done is None:
                raise EngineUnavailable("the image's archive was closed")
            piece = self._answer.read(_PIECE)
        if self._done is None:
            raise EngineUnavailable("the image's archive was closed")
        return piece

    def close(self) -> None:
        with self._closing:
            done, self._done = self._done, None
        if done is None:
            return
        hang_up(self._sock)
        with self._reading:
            self._answer.close()
            self._connection.close()
        done()


def _take_turn(lock: threading.Lock, doing: str) -> None:
    if not lock.acquire(timeout=_TURN_SECONDS):
        raise EngineUnavailable(
            f"the engine {doing} another image since half an hour; try again later"
        )


def _names(name: str, image: Image) -> list[str]:
    """What to ask for, so that the other engine has the image under the same names."""
    identity = image.id.removeprefix("sha256:")
    by_id = identity.startswith(name.removeprefix("sha256:"))
    if not by_id or name in image.names or f"{name}:latest" in image.names:
        return [name]
    tags = [n for n in image.names if "@" not in n]
    return tags or [image.id]


def _check(status: int, body: bytes) -> None:
    """Raises what the engine says of a load: by its status, or in its lines."""
    if status >= 400:
        raise refused(status, body)
    for line in body.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("error"):
            raise EngineRefused(str(said["error"]))

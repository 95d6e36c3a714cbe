"""Save images from an engine and load them into another, as streams of bytes.

Rules
- Memory is bounded: one piece is in flight at a time, whatever the image's size.
- An engine saves one image and loads one image at a time. A load never starts a save,
  so there is no deadlock.
- An engine may take long before its first byte and after our last one, since it packs
  and unpacks whole layers; a pause between pieces means that it is unavailable.
- A transfer that breaks off is an error on both sides: a truncated archive is closed
  without the final chunk, so that no engine takes it as complete.
"""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlencode

from supervisor.runtime.base import EngineRefused, EngineUnavailable, Image
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.response import hang_up, refused

_PIECE = 1 << 18
_PACKING_SECONDS = 1800.0
_SILENCE_SECONDS = 60.0
_WAIT_SECONDS = 1800.0


class Transfers:
    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._saving = threading.Lock()
        self._loading = threading.Lock()

    def save(self, name: str, image: Image) -> "Archive":
        """The archive of `image`, with the requested name or, for an id, all names."""
        _acquire(self._saving, "saving")
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
                # http.client drops its socket when the answer ends the connection.
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
        _acquire(self._loading, "loading")
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
        """Send one chunk, the empty one at the end; False if the engine hung up.

        An engine that rejects an archive answers with the reason and stops reading.
        """
        with translated():
            try:
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            except (BrokenPipeError, ConnectionResetError):
                return False
        return True

    def _connection(self) -> http.client.HTTPConnection:
        """A new connection, with a long timeout until the answer begins."""
        connection = http.client.HTTPConnection("localhost", blocksize=_PIECE)
        connection.sock = self._client.dial()
        connection.sock.settimeout(_PACKING_SECONDS)
        return connection

    def _url(self, path: str) -> str:
        # The query is part of the path: a mapping cannot repeat a key.
        return f"{self._client.url('', {})}{path}"


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
        """The next piece; unlike read1, this detects a broken connection."""
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


def _acquire(lock: threading.Lock, doing: str) -> None:
    if not lock.acquire(timeout=_WAIT_SECONDS):
        raise EngineUnavailable(
            f"the engine has been busy for half an hour ({doing} another image); "
            "try again later"
        )


def _names(name: str, image: Image) -> list[str]:
    """The names to save, which the other engine then gives to the image."""
    identity = image.id.removeprefix("sha256:")
    by_id = identity.startswith(name.removeprefix("sha256:"))
    if not by_id or name in image.names or f"{name}:latest" in image.names:
        return [name]
    tags = [n for n in image.names if "@" not in n]
    return tags or [image.id]


def _check(status: int, body: bytes) -> None:
    """Raise the failure of a load, which is in the status or in the body's lines."""
    if status >= 400:
        raise refused(status, body)
    for line in body.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("error"):
            raise EngineRefused(str(said["error"]))

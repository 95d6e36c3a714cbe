"""Logs of containers, streamed in whole lines.

Rules
- `tail` counts lines, while Docker counts pieces of 16 KiB: the end of the log is read
  first, to find the piece with which the last lines begin.
- `limit_bytes` counts the bytes that are shown.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from supervisor.model.streams import LogOptions
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.response import Response
from supervisor.runtime.docker.streams.frames import Frames
from supervisor.runtime.docker.streams.log_lines import (
    Beginning,
    LineJoiner,
    TailFinder,
    TerminalPieces,
)

_MAX_PIECES = 1 << 20
_MARGIN = 1000
"""Allowance for pieces that are written between finding the beginning and reading."""


class DockerLogs:
    def __init__(
        self, response: Response, *, tty: bool, timestamps: bool, most: int | None
    ) -> None:
        self._response = response
        self._tty = tty
        self._timestamps = timestamps
        self._left = most

    def __iter__(self) -> Iterator[bytes]:
        try:
            for text in self._lines():
                shown = text if self._left is None else text[: self._left]
                if self._left is not None:
                    self._left -= len(shown)
                if shown:
                    yield shown
                if self._left == 0:
                    return
        finally:
            self._response.close()

    def _lines(self) -> Iterator[bytes]:
        joiner = LineJoiner(self._timestamps)
        for pieces in _pieces(self._response, self._tty, self._timestamps):
            yield b"".join(joiner.feed(*piece) for piece in pieces)
        yield joiner.end()

    def close(self) -> None:
        self._response.close()


def _pieces(
    response: Response, tty: bool, timestamps: bool
) -> Iterator[list[tuple[int, bytes]]]:
    """Pieces of a log as (stream, data), in the batches in which they arrive."""
    source = TerminalPieces(timestamps=timestamps) if tty else Frames()
    while data := response.read_some():
        yield source.feed(data)
    yield source.end()


def open_logs(
    client: EngineClient, container_id: str, options: LogOptions
) -> DockerLogs:
    with translated():
        tty = client.api.inspect_container(container_id)["Config"]["Tty"]
    since = None if options.since is None else f"{max(options.since, 0):.9f}"
    query: dict[str, Any] = {
        "stdout": 1,
        "stderr": 1,
        "follow": int(options.follow),
        "timestamps": int(options.timestamps),
        "tail": "all" if options.tail_lines is None else options.tail_lines,
    }
    if options.tail_lines:
        begin = _beginning(client, container_id, tty, options.tail_lines)
        if begin.pieces != options.tail_lines and begin.timestamp:
            query["tail"] = begin.pieces + _MARGIN
            since = max(since or "", _since(begin.timestamp))
    if since is not None:
        query["since"] = since
    response = client.stream(f"/containers/{container_id}/logs", query)
    return DockerLogs(
        response,
        tty=tty,
        timestamps=options.timestamps,
        most=options.limit_bytes,
    )


def _beginning(
    client: EngineClient, container_id: str, tty: bool, lines: int
) -> Beginning:
    asked = lines + 1
    while True:
        query = {"stdout": 1, "stderr": 1, "timestamps": 1, "tail": asked}
        finder = TailFinder(lines)
        response = client.stream(f"/containers/{container_id}/logs", query)
        try:
            for pieces in _pieces(response, tty, timestamps=True):
                for stream, piece in pieces:
                    finder.feed(stream, piece)
        finally:
            response.close()
        found = finder.found(asked=asked)
        if found is not None or asked >= _MAX_PIECES:
            return found or Beginning(lines, b"")
        asked *= 4


def _since(timestamp: bytes) -> str:
    """A log timestamp in the form that `since` takes: seconds with nine decimals."""
    head, _, rest = timestamp.decode().partition(".")
    at = datetime.fromisoformat(f"{head}+00:00").timestamp()
    return f"{at:.0f}.{rest.rstrip('Z'):0<9}"

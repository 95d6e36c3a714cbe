"""Logs of an engine, read as they come and shown in whole lines.

Rules
- `tail` counts lines, where Docker counts pieces of 16 KiB: the log's end is looked at
  first, to find the piece with which the last lines begin.
- A limit of bytes counts what is shown.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from supervisor.model.streams import LogOptions
from supervisor.runtime.docker.engine import Engine, Response
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.frames import Frames
from supervisor.runtime.log_lines import (
    Beginning,
    LineJoiner,
    TailFinder,
    TerminalPieces,
)

_MAX_PIECES = 1 << 20
_MARGIN = 1000
"""Pieces that may be written between the look at a log's end and its reading."""


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
            self._response.release()

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
    """The pieces of a log as (stream, bytes), as many at once as have come."""
    source = TerminalPieces(timestamps=timestamps) if tty else Frames()
    while data := response.read_some():
        yield source.feed(data)
    yield source.end()


def open_logs(engine: Engine, container_id: str, options: LogOptions) -> DockerLogs:
    with translated():
        tty = engine.api.inspect_container(container_id)["Config"]["Tty"]
    since = None if options.since is None else f"{max(options.since, 0):.9f}"
    query: dict[str, Any] = {
        "stdout": 1,
        "stderr": 1,
        "follow": int(options.follow),
        "timestamps": int(options.timestamps),
        "tail": "all" if options.tail_lines is None else options.tail_lines,
    }
    if options.tail_lines:
        begin = _beginning(engine, container_id, tty, options.tail_lines)
        if begin.pieces != options.tail_lines and begin.timestamp:
            query["tail"] = begin.pieces + _MARGIN
            since = max(since or "", _since(begin.timestamp))
    if since is not None:
        query["since"] = since
    response = engine.stream(f"/containers/{container_id}/logs", query)
    return DockerLogs(
        response,
        tty=tty,
        timestamps=options.timestamps,
        most=options.limit_bytes,
    )


def _beginning(engine: Engine, container_id: str, tty: bool, lines: int) -> Beginning:
    asked = lines + 1
    while True:
        query = {"stdout": 1, "stderr": 1, "timestamps": 1, "tail": asked}
        finder = TailFinder(lines)
        response = engine.stream(f"/containers/{container_id}/logs", query)
        try:
            for pieces in _pieces(response, tty, timestamps=True):
                for stream, piece in pieces:
                    finder.feed(stream, piece)
        finally:
            response.release()
        found = finder.found(asked=asked)
        if found is not None or asked >= _MAX_PIECES:
            return found or Beginning(lines, b"")
        asked *= 4


def _since(timestamp: bytes) -> str:
    """An instant of the engine as it takes it: seconds, and nine digits of them."""
    head, _, rest = timestamp.decode().partition(".")
    at = datetime.fromisoformat(f"{head}+00:00").timestamp()
    return f"{at:.0f}.{rest.rstrip('Z'):0<9}"

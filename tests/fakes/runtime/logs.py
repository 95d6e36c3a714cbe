"""Logs of the fake engine's containers."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from supervisor.model.streams import LogOptions
from supervisor.model.times import to_micro_text


@dataclass(frozen=True)
class Line:
    """A line that a container wrote, its end included."""

    at: float
    text: bytes
    stream: int = 1


class FakeLogs:
    """The lines of one container, followed until it ends if asked to."""

    def __init__(
        self,
        changed: threading.Condition,
        lines: list[Line],
        options: LogOptions,
        runs: Callable[[], bool],
    ) -> None:
        self._changed = changed
        self._lines = lines
        self._options = options
        self._runs = runs
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        left = self._options.limit_bytes
        for line in self._wanted():
            text = line.text
            if self._options.timestamps:
                text = to_micro_text(line.at).encode() + b" " + text
            if left is not None:
                text = text[:left]
                left -= len(text)
            if text:
                yield text
            if left == 0:
                return

    def _wanted(self) -> Iterator[Line]:
        since = self._options.since or 0
        with self._changed:
            past = [line for line in self._lines if line.at >= since]
            seen = len(self._lines)
        tail = self._options.tail_lines
        yield from past if tail is None else past[len(past) - min(tail, len(past)) :]
        while self._options.follow:
            with self._changed:
                while self._runs() and not self._closed and seen == len(self._lines):
                    self._changed.wait()
                fresh, seen = self._lines[seen:], len(self._lines)
                ended = self._closed or not self._runs()
            yield from fresh
            if ended:
                return

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

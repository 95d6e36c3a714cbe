"""The paper that descriptions are written on: indented lines with aligned columns.

Rules
- Cells end with a tab. A column is as wide as its widest cell in lines that follow
  each other, and two blanks; the last cell of a line is no column.
- `flush` ends all columns.

Follows Go's text/tabwriter and kubectl's PrefixWriter.
"""

from datetime import UTC, datetime, tzinfo

from supervisor.model import times
from supervisor.model.durations import human_duration

_PADDING = 2

NOTHING = "\t<none>"
"""What stands behind the title of an empty section."""


class Page:
    """Collects a description. `now` and `zone` make instants readable."""

    def __init__(self, now: float, zone: tzinfo | None = None) -> None:
        self.now = now
        self.zone = zone
        self._done = ""
        self._pending = ""

    def write(self, level: int, text: str) -> None:
        """Add text, indented by two blanks per level; line ends are the caller's."""
        self._pending += "  " * level + text

    def line(self, level: int, text: str) -> None:
        self.write(level, text + "\n")

    def flush(self) -> None:
        self._done += align(self._pending)
        self._pending = ""

    def text(self) -> str:
        self.flush()
        return self._done

    def since(self, instant: str | None) -> str:
        """How long ago that was, as in `3m4s`."""
        if not instant:
            return "<unknown>"
        return human_duration(self.now - times.to_seconds(instant))

    def date(self, instant: str | None) -> str:
        """RFC 1123 with the zone as number: `Tue, 06 Jan 2026 10:00:00 +0000`."""
        if not instant:
            return "Mon, 01 Jan 0001 00:00:00 +0000"
        at = datetime.fromtimestamp(times.to_seconds(instant), UTC)
        return at.astimezone(self.zone).strftime("%a, %d %b %Y %H:%M:%S %z")


def align(text: str) -> str:
    """`text` with its tabs turned into blanks."""
    if not text:
        return ""
    ended = text.endswith("\n")
    lines = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    _pad(lines, 0, len(lines), 0)
    return "\n".join("".join(cells) for cells in lines) + "\n" * ended


def _pad(lines: list[list[str]], first: int, last: int, column: int) -> None:
    """Fill up the cells of one column, block by block, and of those to its right."""
    start = first
    while start < last:
        if column >= len(lines[start]) - 1:
            start += 1
            continue
        end = start
        while end < last and column < len(lines[end]) - 1:
            end += 1
        width = max(len(lines[i][column]) for i in range(start, end)) + _PADDING
        _pad(lines, start, end, column + 1)
        for i in range(start, end):
            lines[i][column] = lines[i][column].ljust(width)
        start = end

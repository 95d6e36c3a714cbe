"""The output of `describe`: indented lines with aligned columns.

Rules
- Cells end with a tab. The width of a column is that of the widest cell in consecutive
  lines plus two spaces; the last cell of a line is not aligned.
- `flush` ends all columns.

Follows Go's text/tabwriter and kubectl's PrefixWriter.
"""

from datetime import UTC, datetime, tzinfo

from supervisor.model import times
from supervisor.model.durations import human_duration

_PADDING = 2

NOTHING = "\t<none>"
"""The text after the title of an empty section."""


class Page:
    """Collects a description.

    `now` is in seconds since the epoch; `zone` is the time zone of dates.
    """

    def __init__(self, now: float, zone: tzinfo | None = None) -> None:
        self.now = now
        self.zone = zone
        self._done = ""
        self._pending = ""

    def write(self, level: int, text: str) -> None:
        """Add text, indented by two spaces per level, without a line end."""
        self._pending += "  " * level + text

    def line(self, level: int, text: str) -> None:
        """Add a line, indented by two spaces per level."""
        self.write(level, text + "\n")

    def flush(self) -> None:
        """Align all columns so far."""
        self._done += align(self._pending)
        self._pending = ""

    def text(self) -> str:
        """The complete description."""
        self.flush()
        return self._done

    def since(self, instant: str | None) -> str:
        """The time since an RFC 3339 timestamp, such as `3m4s`."""
        if not instant:
            return "<unknown>"
        return human_duration(self.now - times.to_seconds(instant))

    def date(self, instant: str | None) -> str:
        """RFC 1123 with numeric zone, such as `Tue, 06 Jan 2026 10:00:00 +0000`."""
        if not instant:
            return "Mon, 01 Jan 0001 00:00:00 +0000"
        at = datetime.fromtimestamp(times.to_seconds(instant), UTC)
        return at.astimezone(self.zone).strftime("%a, %d %b %Y %H:%M:%S %z")


def align(text: str) -> str:
    """`text` with tabs replaced by spaces that align the columns."""
    if not text:
        return ""
    ended = text.endswith("\n")
    lines = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    _pad(lines, 0, len(lines), 0)
    return "\n".join("".join(cells) for cells in lines) + "\n" * ended


def _pad(lines: list[list[str]], first: int, last: int, column: int) -> None:
    """Pad the cells of one column, block by block, and of the columns to its right."""
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

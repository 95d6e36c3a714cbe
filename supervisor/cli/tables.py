"""Printing the server's Tables as kubectl does.

Rules
- A column is as wide as its widest cell plus three spaces, and at least six; the last
  column is not padded. Rows that follow later (-w) keep the widths.
- Columns with a priority above 0 are printed with -o wide only.

Follows cli-runtime/pkg/printers/tableprinter.go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from supervisor.model.meta import Object

_PADDING = 3
_MIN_WIDTH = 6


@dataclass
class TableWriter:
    """Prints several tables of one kind, with a single header."""

    write: Callable[[str], None]
    wide: bool = False
    headers: bool = True
    with_namespace: bool = False
    label_columns: Sequence[str] = ()
    show_labels: bool = False
    prefix: str = ""
    """Prefix of each name, such as `pod/`."""
    with_event: bool = False
    #: Width of each column so far.
    widths: list[int] = field(default_factory=list)
    _columns: list[Object] = field(default_factory=list)
    _header_written: bool = False

    def add(self, table: Object, event: str = "") -> None:
        """Print the rows of `table`."""
        self._columns = table.get("columnDefinitions") or self._columns
        lines = [self._cells(row, event) for row in table.get("rows") or []]
        if not lines:
            return
        if self.headers and not self._header_written:
            lines.insert(0, self._header())
        self._header_written = True
        self.widths = layout(lines, self.widths)
        for line in lines:
            self.write(join(line, self.widths))

    def _visible(self) -> list[int]:
        return [
            index
            for index, column in enumerate(self._columns)
            if self.wide or not column.get("priority")
        ]

    def _header(self) -> list[str]:
        names = [str(self._columns[i]["name"]).upper() for i in self._visible()]
        names += [key.rpartition("/")[2].upper() for key in self.label_columns]
        head = ["EVENT"] if self.with_event else []
        head += ["NAMESPACE"] if self.with_namespace else []
        return [*head, *names, *(["LABELS"] if self.show_labels else [])]

    def _cells(self, row: Object, event: str) -> list[str]:
        meta = (row.get("object") or {}).get("metadata") or {}
        labels = meta.get("labels") or {}
        cells = [self._cell(row["cells"], index) for index in self._visible()]
        cells += [labels.get(key, "") for key in self.label_columns]
        head = [event] if self.with_event else []
        head += [meta.get("namespace") or ""] if self.with_namespace else []
        return [*head, *cells, *([format_labels(labels)] if self.show_labels else [])]

    def _cell(self, cells: Sequence[Any], index: int) -> str:
        text = to_cell(cells[index])
        if self._columns[index].get("format") == "name":
            return self.prefix + text
        return text


def to_cell(value: Any) -> str:
    """A value as a single line; text after a line break is replaced by `...`."""
    if value is None:
        return "<none>"
    if isinstance(value, bool):
        return "true" if value else "false"
    first, *more = str(value).splitlines() or [""]
    return f"{first}..." if more else first


def format_labels(labels: dict[str, str]) -> str:
    """`a=1,b=2`, or `<none>`."""
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items())) or "<none>"


def layout(lines: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> list[int]:
    """The width of each column, at least that in `widths`."""
    count = max(len(line) for line in lines)
    found = [*widths, *[0] * (count - len(widths))]
    for line in lines:
        for index, cell in enumerate(line[:-1]):
            found[index] = max(found[index], len(cell) + _PADDING, _MIN_WIDTH)
    return found


def join(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line, with all cells but the last padded to their widths."""
    filled = [
        cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)
    ]
    return "".join([*filled, cells[-1]])


def render(lines: Sequence[Sequence[str]]) -> str:
    """`lines` as an aligned table."""
    if not lines:
        return ""
    widths = layout(lines)
    return "".join(f"{join(line, widths)}\n" for line in lines)

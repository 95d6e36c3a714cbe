"""The server's tables as kubectl prints them: columns three blanks apart.

Rules
- A column is as wide as its widest cell and three blanks, and at least six; the last
  one is not filled up. Rows that follow later (-w) keep the widths.
- Columns of priority above 0 are for -o wide.

Follows cli-runtime/pkg/printers/tableprinter.go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from supervisor.model.meta import Object

_PADDING = 3
_NARROWEST = 6


@dataclass
class TableWriter:
    """Prints tables of one kind one after the other, the header only once."""

    write: Callable[[str], None]
    wide: bool = False
    headers: bool = True
    with_namespace: bool = False
    label_columns: Sequence[str] = ()
    show_labels: bool = False
    prefix: str = ""
    """What stands before each name, such as `pod/`."""
    with_event: bool = False
    #: As wide as the widest cell so far, by column.
    widths: list[int] = field(default_factory=list)
    _columns: list[Object] = field(default_factory=list)
    _begun: bool = False

    def add(self, table: Object, event: str = "") -> None:
        """Print the rows of `table`."""
        self._columns = table.get("columnDefinitions") or self._columns
        lines = [self._cells(row, event) for row in table.get("rows") or []]
        if not lines:
            return
        if self.headers and not self._begun:
            lines.insert(0, self._header())
        self._begun = True
        self.widths = layout(lines, self.widths)
        for line in lines:
            self.write(join(line, self.widths))

    def _shown(self) -> list[int]:
        return [
            place
            for place, column in enumerate(self._columns)
            if self.wide or not column.get("priority")
        ]

    def _header(self) -> list[str]:
        names = [str(self._columns[i]["name"]).upper() for i in self._shown()]
        names += [key.rpartition("/")[2].upper() for key in self.label_columns]
        head = ["EVENT"] if self.with_event else []
        head += ["NAMESPACE"] if self.with_namespace else []
        return [*head, *names, *(["LABELS"] if self.show_labels else [])]

    def _cells(self, row: Object, event: str) -> list[str]:
        meta = (row.get("object") or {}).get("metadata") or {}
        labels = meta.get("labels") or {}
        cells = [self._cell(row["cells"], place) for place in self._shown()]
        cells += [labels.get(key, "") for key in self.label_columns]
        head = [event] if self.with_event else []
        head += [meta.get("namespace") or ""] if self.with_namespace else []
        return [*head, *cells, *([format_labels(labels)] if self.show_labels else [])]

    def _cell(self, cells: Sequence[Any], place: int) -> str:
        text = to_cell(cells[place])
        if self._columns[place].get("format") == "name":
            return self.prefix + text
        return text


def to_cell(value: Any) -> str:
    """A value in one line; what follows a line break is cut off."""
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
    """The width of each column, never less than in `widths`."""
    count = max(len(line) for line in lines)
    found = [*widths, *[0] * (count - len(widths))]
    for line in lines:
        for place, cell in enumerate(line[:-1]):
            found[place] = max(found[place], len(cell) + _PADDING, _NARROWEST)
    return found


def join(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line: all cells but the last filled up to their widths."""
    filled = [
        cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)
    ]
    return "".join([*filled, cells[-1]])


def render(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as one text."""
    if not lines:
        return ""
    widths = layout(lines)
    return "".join(f"{join(line, widths)}\n" for line in lines)

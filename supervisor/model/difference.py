"""In what two pieces of JSON differ, as text for a user."""

from collections.abc import Iterator
from typing import Any

from supervisor.model.equality import same
from supervisor.model.errors import quoted


def difference(old: Any, new: Any) -> str:
    """One line for each value that is gone (`-`) or new (`+`), with its path."""
    return "\n".join(_lines(old, new, ""))


def _lines(old: Any, new: Any, path: str) -> Iterator[str]:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else key
            yield from _lines(old.get(key), new.get(key), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _lines(one, other, f"{path}[{place}]")
    else:
        if old is not None:
            yield f"- {path}: {quoted(old)}"
        if new is not None:
            yield f"+ {path}: {quoted(new)}"

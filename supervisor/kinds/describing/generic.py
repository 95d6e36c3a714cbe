"""`describe` for kinds without a description of their own: all fields.

Follows kubectl/pkg/describe/describe.go (genericDescriber).
"""

import re
from typing import Any

from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events, write_head
from supervisor.kinds.describing.reader import Reader
from supervisor.model.meta import Object

_ACRONYMS = {"API", "URL", "UID", "OSB", "GUID"}
_SHOWN_ABOVE = {"managedFields", "name", "namespace", "labels", "annotations"}


def describe(page: Page, obj: Object, reader: Reader) -> None:
    meta = obj["metadata"]
    write_head(page, obj)
    rest = {key: value for key, value in meta.items() if key not in _SHOWN_ABOVE}
    _write(page, 0, obj | {"metadata": rest})
    write_events(page, reader.events(obj))


def label(name: str) -> str:
    """`apiVersion` → `API Version`, `holderIdentity` → `Holder Identity`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+", name)
    shown = [
        w.upper() if w.upper() in _ACRONYMS else w[:1].upper() + w[1:] for w in words
    ]
    return " ".join(shown) or name


def _write(page: Page, level: int, content: Object) -> None:
    for key, value in sorted(content.items()):
        if isinstance(value, dict):
            page.line(level, f"{label(key)}:")
            _write(page, level + 1, value)
        elif isinstance(value, list):
            page.line(level, f"{label(key)}:")
            for item in value:
                if isinstance(item, dict):
                    _write(page, level + 1, item)
                else:
                    page.line(level + 1, _text(item))
        else:
            page.line(level, f"{label(key)}:\t{_text(value)}")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)

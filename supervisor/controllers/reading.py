"""Objects as typed values, whatever somebody has written into their status.

The API checks metadata and spec of what it accepts down to the last field. A status may
be written by anybody who may write it, and need not be complete; one broken status must
not stop a controller that reads all objects of a kind.
"""

import logging
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from supervisor.model.meta import Object, decode

T = TypeVar("T")
_log = logging.getLogger(__name__)


def typed(kind: type[T], obj: Object) -> T:
    """`obj` decoded; with an empty status, and a line in the log, if that is broken."""
    try:
        return decode(kind, obj)
    except msgspec.ValidationError as error:
        meta = obj["metadata"]
        name = f"{meta.get('namespace', '')}/{meta['name']}".lstrip("/")
        text = "the status of %s %s is broken and counts as empty: %s"
        _log.warning(text, obj.get("kind", "object"), name, error)
        return decode(kind, {k: v for k, v in obj.items() if k != "status"})


def all_typed(kind: type[T], objects: Iterable[Object]) -> list[T]:
    return [typed(kind, obj) for obj in objects]

"""Event: a report of something that happened to an object.

Follows pkg/registry/core/event/strategy.go.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    Kind,
    Rules,
    SelectableFields,
    no_warnings,
)
from supervisor.kinds.describing import generic
from supervisor.kinds.events import columns, validation
from supervisor.kinds.identity import EVENT
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.kinds.selectable import text
from supervisor.model.kinds import Event
from supervisor.model.meta import Object

_PARTS_OF_INVOLVED_OBJECT = (
    "kind",
    "namespace",
    "name",
    "uid",
    "apiVersion",
    "resourceVersion",
    "fieldPath",
)


def complete(event: Object) -> None:
    event.setdefault("involvedObject", {})


def field(event: Object, path: str) -> str | None:
    """The value of the selectable field `source`."""
    if path != "source":
        return None
    return text(event, "source.component") or text(event, "reportingComponent")


KIND = Kind(
    identity=EVENT,
    short_names=("ev",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=Event,
    schema="",
    writes=replace(DATA_WRITES, complete=complete),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=SelectableFields(
        paths=frozenset(
            {f"involvedObject.{part}" for part in _PARTS_OF_INVOLVED_OBJECT}
            | {"reason", "type", "source", "reportingComponent"}
        ),
        absent={},
        value=field,
    ),
    # Events have no owners; they are deleted with their namespace.
    deletion=replace(BACKGROUND, collected=False),
    columns=columns.PRINTER,
    describe=generic.describe,
    versions=(),
)

"""What the server does to objects of a kind, by the name of its resource."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC

from supervisor.kinds import conversion, scale, writing
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Admission
from supervisor.kinds.columns import Cell, Printer
from supervisor.kinds.describing.page import Page
from supervisor.kinds.identity import Identity
from supervisor.model.errors import FieldError
from supervisor.model.meta import Object


def complete(resource: str, obj: Object) -> None:
    writing.complete(CATALOG.kind(resource), obj)


def admit(resource: str, obj: Object, toleration_seconds: int = 300) -> None:
    CATALOG.kind(resource).writes.admit(obj, Admission(toleration_seconds, now=0.0))


def prepare_create(resource: str, obj: Object) -> None:
    writing.prepare_create(CATALOG.kind(resource), obj, Admission(300, now=0.0))


def prepare_update(resource: str, new: Object, old: Object) -> None:
    writing.prepare_update(CATALOG.kind(resource), new, old)


def prepare_status_update(resource: str, new: Object, old: Object) -> None:
    writing.prepare_status_update(CATALOG.kind(resource), new, old)


def on_create(resource: str, obj: Object) -> list[FieldError]:
    return writing.validate_new(CATALOG.kind(resource), obj)


def on_update(resource: str, new: Object, old: Object) -> list[FieldError]:
    return writing.validate_update(CATALOG.kind(resource), new, old)


def on_status_update(resource: str, new: Object, old: Object) -> list[FieldError]:
    return writing.validate_status_update(CATALOG.kind(resource), new, old)


def read(resource: str, obj: Object, api_version: str = "") -> Object:
    """`obj` complete, in the stored version, as one written in `api_version` is."""
    kind, made = CATALOG.kind(resource), deepcopy(obj)
    old = kind.old_version(api_version)
    assert bool(api_version) == (old is not None)
    if old is not None:
        conversion.to_stored(kind, made, old)
    writing.complete(kind, made)
    return made


def shown(resource: str, stored: Object, api_version: str) -> Object:
    """A stored object in an older version."""
    old = CATALOG.kind(resource).old_version(api_version)
    assert old is not None
    return conversion.from_stored(stored, old)


def cells(resource: str, obj: Object, now: float) -> dict[str, Cell]:
    """The row of an object in its table, by column."""
    printer = columns(resource)
    row = printer.cells(obj, now)
    names = [c.name for c in printer.columns]
    return dict(zip(names, row, strict=True))


def column_names(resource: str) -> str:
    """The columns of a resource; those of `-o wide` have an asterisk."""
    found = columns(resource).columns
    return " ".join(c.name.replace(" ", "_") + "*" * c.wide for c in found)


def described(
    resource: str, obj: Object, others: Sequence[Object] = (), now: float = 0.0
) -> str:
    """What `describe` writes of an object, beside `others`, without events."""
    page = Page(now, UTC)
    CATALOG.kind(resource).describe(page, obj, Others(others))
    return page.text()


def columns(resource: str) -> Printer:
    """The columns of a resource; `scale` is the subresource's."""
    return scale.COLUMNS if resource == "scale" else CATALOG.kind(resource).columns


class Others:
    """A Reader of the objects that it is given, whichever are asked for."""

    def __init__(
        self, objects: Sequence[Object], events: Sequence[Object] | None = ()
    ) -> None:
        self._objects = objects
        self._events = events

    def get(self, kind: Identity, name: str, namespace: str = "") -> Object | None:
        named = (o for o in self._objects if o["metadata"].get("name") == name)
        return next(named, None)

    def list(
        self, kind: Identity, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Sequence[Object]:
        return self._objects

    def events(self, obj: Object, *, uid: str = "") -> Sequence[Object] | None:
        return self._events


class NothingElse:
    """A Reader that knows only the events that it is given."""

    def __init__(self, events: Sequence[Object] | None = ()) -> None:
        self._events = events

    def get(self, kind: Identity, name: str, namespace: str = "") -> Object | None:
        return None

    def list(
        self, kind: Identity, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Sequence[Object]:
        return []

    def events(self, obj: Object, *, uid: str = "") -> Sequence[Object] | None:
        return self._events

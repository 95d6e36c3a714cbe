"""What the server does to objects of a kind, by the name of its resource."""

from collections.abc import Sequence

from supervisor.kinds import scale, writing
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Admission
from supervisor.kinds.columns import Printer
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


def columns(resource: str) -> Printer:
    """The columns of a resource; `scale` is the subresource's."""
    return scale.COLUMNS if resource == "scale" else CATALOG.kind(resource).columns


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

"""Selection of objects for lists and watches by label and field selectors."""

from collections.abc import Callable

from supervisor.kinds import selectable
from supervisor.kinds.base import Kind
from supervisor.model import selectors
from supervisor.model.meta import Object
from supervisor.model.selectors import FieldValue

#: Field paths with an index in the store -> name of the index.
_INDEXED = {
    "metadata.name": "metadata.name",
    "metadata.namespace": "metadata.namespace",
    selectable.NODE_NAME: "spec.nodeName",
    selectable.OWNER_UID: "owner",
}


class Selection:
    """A label selector and a field selector.

    `where` contains the conditions that the store can check by an index; `matches`
    checks all of them. Raises ApiError 400 for invalid selectors.
    """

    def __init__(self, kind: Kind, labels: str, field_selector: str) -> None:
        self._kind = kind
        self._labels = selectors.parse_labels(labels)
        allowed = selectable.allowed(kind)
        self._fields = selectors.parse_fields(field_selector, allowed)
        self.matches_all = not self._labels and not self._fields
        self.where = {
            name: value
            for path, name in _INDEXED.items()
            if (value := self._fields.exact(path)) is not None
        }

    def matches(self, obj: Object) -> bool:
        if self.matches_all:
            return True
        labels = obj["metadata"].get("labels")
        if not isinstance(labels, dict):
            labels = None
        return self._labels.matches(labels) and self._fields.matches(self._value(obj))

    def _value(self, obj: Object) -> Callable[[str], FieldValue]:
        return lambda path: selectable.value(self._kind, obj, path)

"""Which objects a list or a watch is about: label and field selectors as one."""

from collections.abc import Callable

from supervisor.api.scheme import Resource
from supervisor.model import fields, selectors
from supervisor.model.meta import Object
from supervisor.model.selectors import FieldValue

#: Field paths that the store has indexes for, and its names of them.
_INDEXED = {
    "metadata.name": "metadata.name",
    "metadata.namespace": "metadata.namespace",
    fields.NODE_NAME: "spec.nodeName",
    fields.OWNER_UID: "owner",
}


class Selection:
    """`matches` decides; `where` lets the store leave out most that does not match."""

    def __init__(self, resource: Resource, labels: str, field_selector: str) -> None:
        self._resource = resource.name
        self._labels = selectors.parse_labels(labels)
        allowed = fields.allowed(resource.name)
        self._fields = selectors.parse_fields(field_selector, allowed)
        self.everything = not self._labels and not self._fields
        self.where = {
            name: value
            for path, name in _INDEXED.items()
            if (value := self._fields.exact(path)) is not None
        }

    def matches(self, obj: Object) -> bool:
        if self.everything:
            return True
        labels = obj["metadata"].get("labels")
        if not isinstance(labels, dict):
            labels = None
        return self._labels.matches(labels) and self._fields.matches(self._value(obj))

    def _value(self, obj: Object) -> Callable[[str], FieldValue]:
        return lambda path: fields.value(self._resource, obj, path)

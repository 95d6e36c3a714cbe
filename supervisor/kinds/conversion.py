"""Conversion of objects between served versions.

Rules
- The store, controllers and agents use only the stored version. The API converts
  request bodies after decoding and responses before encoding.
- Each older version has its own defaults, which are set before conversion.
"""

from copy import deepcopy

from supervisor.kinds.base import Kind, OldVersion
from supervisor.model.meta import Object


def to_stored(kind: Kind, obj: Object, old: OldVersion) -> None:
    """Convert `obj` from version `old` to the stored version, in place."""
    old.complete(obj)
    old.to_stored(obj)
    obj["apiVersion"] = kind.identity.api_version


def from_stored(obj: Object, old: OldVersion) -> Object:
    """A copy of a stored object in version `old`."""
    converted = deepcopy(obj)
    old.from_stored(converted)
    converted["apiVersion"] = old.api_version
    return converted

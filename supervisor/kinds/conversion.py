"""Objects in the versions that their kind is served in.

Rules
- Only the stored version reaches the store, controllers and agents. Older versions
  exist at the edge: a body is converted when it is read, an answer when it is sent.
- The defaults of an older version are its own, and are filled in before conversion.
"""

from copy import deepcopy

from supervisor.kinds.base import Kind, OldVersion
from supervisor.model.meta import Object


def to_stored(kind: Kind, obj: Object, old: OldVersion) -> None:
    """Turn `obj`, written in version `old`, into the stored version, in place."""
    old.complete(obj)
    old.to_stored(obj)
    obj["apiVersion"] = kind.identity.api_version


def from_stored(obj: Object, old: OldVersion) -> Object:
    """A copy of a stored `obj` in version `old`."""
    converted = deepcopy(obj)
    old.from_stored(converted)
    converted["apiVersion"] = old.api_version
    return converted

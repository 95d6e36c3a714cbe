"""Objects in the store: JSON under a key, the revision as their resourceVersion.

Rules
- An object is stored without its resourceVersion, which is the record's revision.
- Each object handed out is the receiver's own.
- `Exists` and `Stale` pass through to who may try again; all else that the store
  refuses becomes an ApiError.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from supervisor.kinds.base import Kind
from supervisor.model.errors import ApiError, expired, internal, not_found
from supervisor.model.meta import Object
from supervisor.store.base import (
    Compacted,
    Exists,
    Key,
    Missing,
    Stale,
    Store,
    StoreError,
)

MOST_BYTES = 3 * 2**19
"""1.5 MiB, as of etcd."""

_decode = msgspec.json.Decoder(dict).decode


def key_of(kind: Kind, namespace: str, name: str) -> Key:
    return Key(
        kind.identity.resource, namespace if kind.identity.namespaced else "", name
    )


def to_object(value: bytes, revision: int) -> Object:
    """The stored `value` as an object that carries its resourceVersion."""
    obj: Object = _decode(value)
    meta = obj.setdefault("metadata", {})
    meta["resourceVersion"] = str(revision)
    return obj


def to_bytes(obj: Object) -> bytes:
    """`obj` as it is stored. Raises ApiError 413 when it is too large."""
    meta = {k: v for k, v in obj["metadata"].items() if k != "resourceVersion"}
    value = msgspec.json.encode(obj | {"metadata": meta})
    if len(value) > MOST_BYTES:
        message = (
            f"Request entity too large: limit is {MOST_BYTES} bytes, "
            f"the object has {len(value)}"
        )
        raise ApiError(413, "RequestEntityTooLarge", message)
    return value


@contextmanager
def translated(resource: str, name: str) -> Iterator[None]:
    """What the store refuses, as ApiErrors; `Exists` and `Stale` as they are."""
    try:
        yield
    except (Exists, Stale):
        raise
    except Missing:
        raise not_found(resource, name) from None
    except Compacted as error:
        raise expired(str(error)) from None
    except StoreError as error:
        raise internal(str(error)) from error


class Records:
    """Reads and writes single objects."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        with translated(kind.identity.resource, name):
            record = self.store.get(key_of(kind, namespace, name))
        return to_object(record.value, record.revision) if record else None

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """Raises ApiError 404."""
        found = self.find(kind, namespace, name)
        if found is None:
            raise not_found(kind.identity.resource, name)
        return found

    def create(self, kind: Kind, obj: Object) -> Object:
        """Raises Exists."""
        return self._written(kind, obj, self.store.create)

    def replace(self, kind: Kind, obj: Object, *, expected: str) -> Object:
        """Raises Stale, and ApiError 404."""
        revision = int(expected)
        return self._written(
            kind,
            obj,
            lambda key, value: self.store.update(key, value, expected=revision),
        )

    def remove(self, kind: Kind, obj: Object, *, expected: str) -> Object:
        """Delete, with `obj` as what watchers see last. Raises Stale, ApiError 404."""
        revision = int(expected)
        return self._written(
            kind,
            obj,
            lambda key, value: self.store.delete(key, value, expected=revision),
        )

    def _written(
        self, kind: Kind, obj: Object, write: Callable[[Key, bytes], int]
    ) -> Object:
        meta = obj["metadata"]
        name = meta["name"]
        value = to_bytes(obj)
        with translated(kind.identity.resource, name):
            revision = write(key_of(kind, meta.get("namespace", ""), name), value)
        return to_object(value, revision)

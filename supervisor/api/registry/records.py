"""Objects in the store: JSON under a key, the revision as their resourceVersion.

Rules
- An object is stored without its resourceVersion, which is the record's revision.
- Each object handed out is the receiver's own.
- What is stored may be damaged: whatever it says, what is handed out has the kind, the
  name and the namespace that it is stored under, a uid, and metadata that is a map.
- `Exists` and `Stale` pass through to who may try again; all else that the store
  refuses becomes an ApiError.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from supervisor.kinds.base import Kind
from supervisor.kinds.identity import Identity
from supervisor.model.errors import (
    ApiError,
    expired,
    internal,
    not_found,
    unreadable,
)
from supervisor.model.meta import Object
from supervisor.store.base import (
    Compacted,
    Damaged,
    Exists,
    Key,
    Missing,
    Stale,
    Store,
    StoreError,
)

MAX_BYTES = 3 * 2**19
"""1.5 MiB, as of etcd."""

_decode = msgspec.json.Decoder(dict).decode


def key_of(kind: Kind, namespace: str, name: str) -> Key:
    identity = kind.identity
    return Key(identity.resource, namespace if identity.namespaced else "", name)


def to_object(identity: Identity, key: Key, value: bytes, revision: int) -> Object:
    """The stored `value` as an object that carries its resourceVersion."""
    try:
        obj: Object = _decode(value)
    except msgspec.DecodeError:
        obj = {}
    meta = obj.get("metadata")
    if not isinstance(meta, dict):
        meta = obj["metadata"] = {}
    found = (obj.get("apiVersion"), obj.get("kind"))
    where = (meta.get("namespace") or "", meta.get("name"))
    is_whole = found == (identity.api_version, identity.kind) and _has_uid(meta)
    if where != key[1:] or not is_whole:
        obj = _identified(identity, key, obj)
    obj["metadata"]["resourceVersion"] = str(revision)
    return obj


def _has_uid(meta: Object) -> bool:
    return bool(meta.get("uid")) and isinstance(meta["uid"], str)


def _identified(identity: Identity, key: Key, obj: Object) -> Object:
    """A damaged object, with what its place in the store says of it."""
    meta = obj["metadata"] | {"name": key.name, "namespace": key.namespace}
    if not key.namespace:
        del meta["namespace"]
    if not _has_uid(meta):
        meta["uid"] = "/".join(key)
    return obj | identity.head | {"metadata": meta}


def to_bytes(obj: Object) -> bytes:
    """`obj` as it is stored. Raises ApiError 413 when it is too large."""
    meta = {k: v for k, v in obj["metadata"].items() if k != "resourceVersion"}
    value = msgspec.json.encode(obj | {"metadata": meta})
    _check_size(value)
    return value


def check_size(obj: Object) -> None:
    """Raises ApiError 413 when `obj` is larger than anything that is stored.

    Looking at it more closely would take long.
    """
    _check_size(msgspec.json.encode(obj))


def _check_size(value: bytes) -> None:
    if len(value) > MAX_BYTES:
        message = (
            f"Request entity too large: limit is {MAX_BYTES} bytes, "
            f"the object has {len(value)}"
        )
        raise ApiError(413, "RequestEntityTooLarge", message)


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
    except Damaged as error:
        hint = "delete it, create it anew, or restore the store from a backup"
        raise unreadable(resource, name, f"{error}; {hint}") from None
    except StoreError as error:
        raise internal(str(error)) from error


class Records:
    """Reads and writes single objects."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        with translated(kind.identity.resource, name):
            record = self.store.get(key_of(kind, namespace, name))
        if record is None:
            return None
        return to_object(kind.identity, record.key, record.value, record.revision)

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

    def discard(self, kind: Kind, namespace: str, name: str) -> None:
        """Remove an object that is damaged. Raises ApiError 404."""
        with translated(kind.identity.resource, name):
            self.store.discard(key_of(kind, namespace, name))

    def _written(
        self, kind: Kind, obj: Object, write: Callable[[Key, bytes], int]
    ) -> Object:
        meta = obj["metadata"]
        name = meta["name"]
        value = to_bytes(obj)
        key = key_of(kind, meta.get("namespace", ""), name)
        with translated(kind.identity.resource, name):
            revision = write(key, value)
        return to_object(kind.identity, key, value, revision)

"""Reading and writing objects in the store, as JSON under their key.

Rules
- An object is stored without its resourceVersion, which is the record's revision.
- Each returned object is a new copy.
- Stored data may be damaged. Returned objects always have metadata with the name and
  namespace of their key, the kind of their key, and a uid.
- `Exists` and `Stale` are passed to the caller, who may retry; all other errors of the
  store become ApiErrors.
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
"""1.5 MiB, the limit of etcd."""

_decode = msgspec.json.Decoder(dict).decode


def key_of(kind: Kind, namespace: str, name: str) -> Key:
    """The store's key; `namespace` is ignored for cluster-scoped kinds."""
    identity = kind.identity
    return Key(identity.resource, namespace if identity.namespaced else "", name)


def to_object(identity: Identity, key: Key, value: bytes, revision: int) -> Object:
    """Decode a stored value; the revision becomes the resourceVersion."""
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
    """A damaged object, with kind, name and namespace from its key."""
    meta = obj["metadata"] | {"name": key.name, "namespace": key.namespace}
    if not key.namespace:
        del meta["namespace"]
    if not _has_uid(meta):
        meta["uid"] = "/".join(key)
    return obj | identity.head | {"metadata": meta}


def to_bytes(obj: Object) -> bytes:
    """Encode `obj` for the store. Raises ApiError 413 if it is too large."""
    meta = {k: v for k, v in obj["metadata"].items() if k != "resourceVersion"}
    value = msgspec.json.encode(obj | {"metadata": meta})
    _check_size(value)
    return value


def check_size(obj: Object) -> None:
    """Raises ApiError 413 if `obj` is too large to be stored.

    Called before validation, which would take long.
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
def api_errors(resource: str, name: str) -> Iterator[None]:
    """Convert StoreErrors into ApiErrors, except `Exists` and `Stale`."""
    try:
        yield
    except (Exists, Stale):
        raise
    except Missing:
        raise not_found(resource, name) from None
    except Compacted as error:
        raise expired(str(error)) from None
    except Damaged as error:
        hint = "delete it, create it again, or restore the store from a backup"
        raise unreadable(resource, name, f"{error}; {hint}") from None
    except StoreError as error:
        raise internal(str(error)) from error


class ObjectStore:
    """Reads and writes single objects."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None. Raises ApiError."""
        with api_errors(kind.identity.resource, name):
            record = self.store.get(key_of(kind, namespace, name))
        if record is None:
            return None
        return to_object(kind.identity, record.key, record.value, record.revision)

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """The object. Raises ApiError, 404 if it does not exist."""
        found = self.find(kind, namespace, name)
        if found is None:
            raise not_found(kind.identity.resource, name)
        return found

    def create(self, kind: Kind, obj: Object) -> Object:
        """Store a new object. Raises Exists and ApiError."""
        return self._write(kind, obj, self.store.create)

    def replace(self, kind: Kind, obj: Object, *, expected: str) -> Object:
        """Replace the object. Raises Stale, and ApiError 404."""
        revision = int(expected)
        return self._write(
            kind,
            obj,
            lambda key, value: self.store.update(key, value, expected=revision),
        )

    def remove(self, kind: Kind, obj: Object, *, expected: str) -> Object:
        """Delete the object; watchers receive `obj`. Raises Stale, ApiError 404."""
        revision = int(expected)
        return self._write(
            kind,
            obj,
            lambda key, value: self.store.delete(key, value, expected=revision),
        )

    def discard(self, kind: Kind, namespace: str, name: str) -> None:
        """Remove a damaged object. Raises ApiError 404."""
        with api_errors(kind.identity.resource, name):
            self.store.discard(key_of(kind, namespace, name))

    def _write(
        self, kind: Kind, obj: Object, write: Callable[[Key, bytes], int]
    ) -> Object:
        meta = obj["metadata"]
        name = meta["name"]
        value = to_bytes(obj)
        key = key_of(kind, meta.get("namespace", ""), name)
        with api_errors(kind.identity.resource, name):
            revision = write(key, value)
        return to_object(kind.identity, key, value, revision)

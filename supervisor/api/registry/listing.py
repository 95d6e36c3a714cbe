"""Lists of objects: selection and pagination.

Rules
- Each page reads the latest state. All pages of a list have the resourceVersion of the
  first, so that a watch from it includes changes between the pages.
- A continue token, opaque to clients, contains revision, namespace and name.
"""

import base64
import binascii

import msgspec

from supervisor.api.registry.object_store import ObjectStore, api_errors, to_object
from supervisor.api.registry.selecting import Selection
from supervisor.client.base import ObjectList
from supervisor.kinds.base import Kind
from supervisor.model.errors import bad_request
from supervisor.model.meta import Object

_PAGE = 500
_MAX_ITEMS = 2**31
"""Larger limits are reduced to this: they do not fit into the store's query."""


class _Token(msgspec.Struct, array_like=True):
    revision: int
    namespace: str
    name: str


# Created at import, in a single thread: see model.meta.build.
_decode_token = msgspec.json.Decoder(_Token).decode


def list_objects(
    objects: ObjectStore,
    kind: Kind,
    namespace: str,
    selection: Selection,
    *,
    limit: int = 0,
    continue_token: str = "",
) -> ObjectList:
    token = _parsed(continue_token) if continue_token else None
    limit = min(limit, _MAX_ITEMS)
    after = (token.namespace, token.name) if token else None
    revision = token.revision if token else -1
    damaged: frozenset[tuple[str, str]] = frozenset()
    items: list[Object] = []
    page = 0 if not limit else max(limit, _PAGE if selection.where == {} else limit)
    while True:
        with api_errors(kind.identity.resource, ""):
            listing = objects.store.list(
                kind.identity.resource,
                namespace,
                where=selection.where,
                after=after,
                limit=limit if selection.matches_all else page,
            )
        revision = listing.revision if revision < 0 else revision
        damaged = frozenset((d.key.namespace, d.key.name) for d in listing.damaged)
        for index, record in enumerate(listing.records):
            after = (record.key.namespace, record.key.name)
            obj = to_object(kind.identity, record.key, record.value, record.revision)
            if selection.matches(obj):
                items.append(obj)
            if limit and len(items) == limit:
                more = listing.more or index + 1 < len(listing.records)
                text = _text(_Token(revision, *after)) if more else ""
                return ObjectList(items, str(revision), text, damaged)
        if not listing.more:
            return ObjectList(items, str(revision), unreadable=damaged)


def _text(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def _parsed(text: str) -> _Token:
    try:
        padded = text + "=" * (-len(text) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        return _decode_token(raw)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise bad_request(f"continue key is not valid: {error}") from None

"""Lists: selected, in pieces, each with the place to go on from.

Rules
- A list always reads the newest state. The pieces of one long list all carry the
  resourceVersion of the first, so that a watch from it misses nothing that has changed
  between them.
- A continue token is opaque to clients: revision, namespace and name.
"""

import base64
import binascii

import msgspec

from supervisor.api.registry.records import Records, to_object, translated
from supervisor.api.registry.selecting import Selection
from supervisor.client.base import ObjectList
from supervisor.kinds.base import Kind
from supervisor.model.errors import bad_request
from supervisor.model.meta import Object

_PAGE = 500
_MAX_ITEMS = 2**31
"""More than there can be; a larger number does not fit into the store's query."""


class _Token(msgspec.Struct, array_like=True):
    revision: int
    namespace: str
    name: str


# Made here, where only one thread is: see model.meta.build.
_decode_token = msgspec.json.Decoder(_Token).decode


def read(
    records: Records,
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
        with translated(kind.identity.resource, ""):
            listing = records.store.list(
                kind.identity.resource,
                namespace,
                where=selection.where,
                after=after,
                limit=limit if selection.everything else page,
            )
        revision = listing.revision if revision < 0 else revision
        damaged = frozenset((d.key.namespace, d.key.name) for d in listing.damaged)
        for place, record in enumerate(listing.records):
            after = (record.key.namespace, record.key.name)
            obj = to_object(kind.identity, record.key, record.value, record.revision)
            if selection.matches(obj):
                items.append(obj)
            if limit and len(items) == limit:
                more = listing.more or place + 1 < len(listing.records)
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

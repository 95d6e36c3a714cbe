"""Decode request bodies in Kubernetes' protobuf, which kubectl 1.32 and later send.

Rules
- The schema provides names and types; unknown field numbers are skipped, as protobuf
  requires.
- Upstream always writes non-pointer fields. Their zero values mean absence and are
  dropped; zero values of pointers are kept (`replicas: 0`, `emptyDir: {}`).
- Malformed bodies raise ApiError 400.

The body is the four bytes `k8s\\0` and a message Unknown: typeMeta=1 (apiVersion=1,
kind=2), raw=2, contentEncoding=3, contentType=4. `raw` is the object's own message.
Follows apimachinery/pkg/runtime/serializer/protobuf/protobuf.go.
"""

import base64
from typing import Any

from supervisor.api.wire import Malformed, Wire, fields, signed, varint
from supervisor.model import times
from supervisor.model.errors import bad_request
from supervisor.model.meta import Object
from supervisor.model.schema import Field, Form, Shape, TypeSchema, lookup

_MAGIC = b"k8s\x00"
_MAX_DEPTH = 64
_EMPTY: tuple[Any, ...] = ("", 0, {}, [], None)


def decode(raw: bytes) -> Object:
    """Decode an object. Raises ApiError 400."""
    if not raw.startswith(_MAGIC):
        raise bad_request(
            "provided data does not appear to be a protobuf message, expected prefix "
            "[107 56 115 0]"
        )
    try:
        return _decode_unknown(raw[len(_MAGIC) :])
    except (Malformed, UnicodeDecodeError) as error:
        raise bad_request(f"unable to decode protobuf: {error}") from None


def _decode_unknown(body: bytes) -> Object:
    envelope = {number: _as_bytes(value) for number, value in fields(body)}
    meta = {n: _text(v) for n, v in fields(envelope.get(1, b""))}
    api_version, kind = meta.get(1, ""), meta.get(2, "")
    if not kind or not api_version:
        raise Malformed("Object 'Kind' or 'apiVersion' is missing")
    if envelope.get(3):
        raise Malformed(f"contentEncoding {_text(envelope[3])!r} is not supported")
    schema = lookup(api_version, kind)
    if schema is None:
        raise Malformed(f'no kind "{kind}" is registered for version "{api_version}"')
    obj: Object = {"apiVersion": api_version, "kind": kind}
    return obj | _message(envelope.get(2, b""), schema, 0)


def _message(body: bytes, schema: TypeSchema, depth: int) -> Object:
    if depth > _MAX_DEPTH:
        raise Malformed("messages are nested too deeply")
    obj: Object = {}
    for number, value in fields(body):
        known = schema.wire.get(number)
        if isinstance(known, TypeSchema):
            obj |= _message(_as_bytes(value), known, depth + 1)
        elif known is not None:
            _add(obj, known, value, depth)
    return {
        name: value
        for name, value in obj.items()
        if schema.fields[name].pointer or value not in _EMPTY
    }


def _add(obj: Object, known: Field, value: Wire, depth: int) -> None:
    shape = known.shape
    if shape.form is Form.LIST:
        assert shape.item is not None
        elements = obj.setdefault(known.name, [])
        elements += _elements(value, shape.item, depth)
    elif shape.form is Form.MAP:
        assert shape.item is not None
        key, entry = _entry(_as_bytes(value), shape.item, depth)
        obj.setdefault(known.name, {})[key] = entry
    else:
        obj[known.name] = _value(value, shape, depth)


def _elements(value: Wire, item: Shape, depth: int) -> list[Any]:
    """One element, or several: numbers may be packed."""
    is_packed = isinstance(value, bytes) and item.form in (
        Form.INT32,
        Form.INT64,
        Form.BOOL,
    )
    if not is_packed:
        return [_value(value, item, depth)]
    packed, at, elements = _as_bytes(value), 0, []
    while at < len(packed):
        number, at = varint(packed, at)
        elements.append(_value(number, item, depth))
    return elements


def _entry(body: bytes, item: Shape, depth: int) -> tuple[str, Any]:
    """Key and value of a map entry; missing ones are zero values."""
    members = dict(fields(body))
    return _text(members.get(1, b"")), _value(members.get(2), item, depth)


def _value(value: Wire | None, shape: Shape, depth: int) -> Any:
    match shape.form:
        case Form.STRING:
            return _text(value or b"")
        case Form.BOOL:
            return _as_int(value or 0) != 0
        case Form.INT32 | Form.INT64:
            return signed(_as_int(value or 0))
        case Form.BYTES:
            return base64.b64encode(_as_bytes(value or b"")).decode()
        case Form.QUANTITY:
            return _text(_member(value, 1, b"")) or "0"
        case Form.INT_OR_STRING:
            is_text = _as_int(_member(value, 1, 0)) == 1
            if is_text:
                return _text(_member(value, 3, b""))
            return signed(_as_int(_member(value, 2, 0)))
        case Form.TIME | Form.MICRO_TIME:
            return _time(_as_bytes(value or b""), shape.form)
        case Form.OBJECT:
            assert shape.target is not None
            return _message(_as_bytes(value or b""), shape.target, depth + 1)
        case Form.LIST:
            assert shape.item is not None
            # A list inside a map is a message with the elements in field 1.
            found = (v for n, v in fields(_as_bytes(value or b"")) if n == 1)
            return [e for v in found for e in _elements(v, shape.item, depth + 1)]
        case _:
            # The only field of arbitrary type is managedFields, which is not stored.
            return None


def _member(value: Wire | None, number: int, default: Wire) -> Wire:
    return dict(fields(_as_bytes(value or b""))).get(number, default)


def _time(body: bytes, form: Form) -> str | None:
    members = dict(fields(body))
    if not members:
        return None
    seconds = signed(_as_int(members.get(1, 0)))
    nanos = signed(_as_int(members.get(2, 0)))
    try:
        if form is Form.TIME:
            return times.to_text(seconds)
        return times.to_micro_text(seconds + nanos / 1e9)
    except (OverflowError, ValueError, OSError):
        raise Malformed(f"{seconds} seconds is not a valid time") from None


def _as_bytes(value: Wire) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed("a number where bytes are expected")
    return value


def _as_int(value: Wire) -> int:
    if not isinstance(value, int):
        raise Malformed("bytes where a number is expected")
    return value


def _text(value: Wire) -> str:
    return _as_bytes(value).decode()

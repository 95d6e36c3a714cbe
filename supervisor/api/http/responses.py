"""HTTP responses: JSON, Statuses, Warning headers, documents with an ETag."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from supervisor.model.errors import ApiError

_JSON = "application/json"
_MAX_WARNING_LENGTH = 4096
_encode = msgspec.json.Encoder().encode


def to_json(value: Any) -> bytes:
    """`value` as JSON, with a final newline for `kubectl get --raw`."""
    return _encode(value) + b"\n"


def json_response(
    content: bytes, code: int = 200, *, warnings: Sequence[str] = ()
) -> Response:
    """`content` is encoded JSON: encoding belongs into a worker thread."""
    response = Response(content, code, media_type=_JSON)
    for text in _unique(warnings):
        response.headers.append("warning", f'299 - "{text}"')
    return response


def error_response(error: ApiError) -> Response:
    """The Status of `error`, with Retry-After and WWW-Authenticate if applicable."""
    response = json_response(to_json(error.status()), error.code)
    seconds = error.details.get("retryAfterSeconds")
    if seconds:
        response.headers["retry-after"] = str(seconds)
    if error.code == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def document(
    request: Request, content: bytes, media_type: str = _JSON, *, vary: str = ""
) -> Response:
    """A document that never changes while the daemon runs; 304 if the ETag matches."""
    # The type is included: clients cache it together with the content.
    digest = hashlib.sha256(media_type.encode() + content).hexdigest()
    tag = f'"{digest[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache, private"}
    if vary:
        headers["vary"] = vary
    known = request.headers.get("if-none-match", "")
    if tag in (part.strip().removeprefix("W/") for part in known.split(",")):
        return Response(status_code=304, headers=headers)
    # Set here because Starlette would add a charset to some types.
    headers["content-type"] = media_type
    return Response(content, headers=headers)


def _printable(text: str) -> str:
    """Escape control characters, which are not allowed in headers."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _unique(warnings: Sequence[str]) -> list[str]:
    """Distinct texts as header values: quotes escaped, one line, limited length."""
    plain = (_printable(" ".join(text.split())) for text in warnings)
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in plain)
    latin = (text.encode("latin-1", "replace").decode("latin-1") for text in escaped)
    return list(dict.fromkeys(text[:_MAX_WARNING_LENGTH] for text in latin))

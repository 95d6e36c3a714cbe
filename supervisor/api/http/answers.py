"""Answers as HTTP: JSON, Statuses, Warning headers, documents with an ETag."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from supervisor.model.errors import ApiError

_JSON = "application/json"
_MAX_WARNING_LETTERS = 4096
_encode = msgspec.json.Encoder().encode


def to_json(value: Any) -> bytes:
    """One line, newline included, as kubectl --raw likes to show it."""
    return _encode(value) + b"\n"


def json_answer(
    content: bytes, code: int = 200, *, warnings: Sequence[str] = ()
) -> Response:
    """`content` is JSON already: encoding is work for a worker thread."""
    answer = Response(content, code, media_type=_JSON)
    for text in _unique(warnings):
        answer.headers.append("warning", f'299 - "{text}"')
    return answer


def refusal(error: ApiError) -> Response:
    answer = json_answer(to_json(error.status()), error.code)
    seconds = error.details.get("retryAfterSeconds")
    if seconds:
        answer.headers["retry-after"] = str(seconds)
    if error.code == 401:
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def document(
    request: Request, content: bytes, media_type: str = _JSON, *, vary: str = ""
) -> Response:
    """A document that stays as it is while the daemon runs: 304 when it is known."""
    # The type counts too: clients keep it together with what they have cached.
    digest = hashlib.sha256(media_type.encode() + content).hexdigest()
    tag = f'"{digest[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache, private"}
    if vary:
        headers["vary"] = vary
    known = request.headers.get("if-none-match", "")
    if tag in (part.strip().removeprefix("W/") for part in known.split(",")):
        return Response(status_code=304, headers=headers)
    # Set by hand: Starlette would add a charset to some types.
    headers["content-type"] = media_type
    return Response(content, headers=headers)


def _printable(text: str) -> str:
    """With escapes in place of control characters, which no header can carry."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _unique(warnings: Sequence[str]) -> list[str]:
    """Each text once, fit for a header: quotes escaped, one line, cut at a length."""
    plain = (_printable(" ".join(text.split())) for text in warnings)
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in plain)
    latin = (text.encode("latin-1", "replace").decode("latin-1") for text in escaped)
    return list(dict.fromkeys(text[:_MAX_WARNING_LETTERS] for text in latin))

"""Who may come in: holders of a bearer token, all of whom may do everything.

Rules
- Tokens are compared in constant time, every one of them on every request.
- Health is open to everyone; nothing else is.
- Upgraded connections (exec, port-forward) come through here as requests.
"""

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from supervisor.api.http import answers
from supervisor.model.errors import unauthorized

_OPEN = ("/healthz", "/livez", "/readyz")


class BearerTokens:
    """An ASGI application in front of another."""

    def __init__(self, app: ASGIApp, tokens: Iterable[str]) -> None:
        self._app = app
        self._tokens = [token.encode() for token in tokens]
        if not all(self._tokens):
            raise ValueError("an empty bearer token would let everyone in")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_request = scope["type"] in ("http", "websocket")
        if is_request and not self._admits(scope):
            await answers.refusal(unauthorized())(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        path = scope["path"].rstrip("/")
        if any(path == open_ or path.startswith(f"{open_}/") for open_ in _OPEN):
            return True
        header = Headers(scope=scope).get("authorization", "")
        kind, _, given = header.partition(" ")
        if kind.lower() != "bearer":
            return False
        candidate = given.strip().encode("utf-8", "surrogateescape")
        matches = [hmac.compare_digest(candidate, token) for token in self._tokens]
        return any(matches)

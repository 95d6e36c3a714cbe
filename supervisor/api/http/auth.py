"""Authentication by bearer token; every token grants full access.

Rules
- Tokens are compared in constant time; each request is compared to all tokens.
- Health checks need no token; all other paths do.
- Upgrades (exec, port-forward) are authenticated here like other requests.
"""

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from supervisor.api.http import responses
from supervisor.model.errors import unauthorized

_OPEN = ("/healthz", "/livez", "/readyz")


class BearerTokenAuth:
    """ASGI middleware. Raises ValueError if one of the tokens is empty."""

    def __init__(self, app: ASGIApp, tokens: Iterable[str]) -> None:
        self._app = app
        self._tokens = [token.encode() for token in tokens]
        if not all(self._tokens):
            raise ValueError("bearer tokens must not be empty")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_request = scope["type"] in ("http", "websocket")
        if is_request and not self._is_allowed(scope):
            await responses.error_response(unauthorized())(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
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

"""Conversion of exceptions into Statuses.

Rules
- An ApiError becomes its Status; any other exception becomes a 500, with the traceback
  in the log but not in the response.
- After the response has started, an exception closes the connection.
"""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supervisor.api.http import responses
from supervisor.model.errors import ApiError, internal

_log = logging.getLogger(__name__)


class ErrorHandler:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def tracked_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, tracked_send)
        except ApiError as error:
            if started:
                raise
            await responses.error_response(error)(scope, receive, send)
        except Exception as error:
            _log.exception("%s %s failed", scope.get("method"), scope.get("path"))
            if started:
                raise
            text = f"{type(error).__name__}; the server's log has the details"
            await responses.error_response(internal(text))(scope, receive, send)

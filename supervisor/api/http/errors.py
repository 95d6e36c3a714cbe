"""Every failure is a Status: what handlers raise, and what they should not have.

Rules
- An ApiError becomes its own Status; any other exception a 500, with its traceback in
  the log, never in the answer.
- Once an answer has begun, a failure can only end it: the connection is closed.
"""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supervisor.api.http import answers
from supervisor.model.errors import ApiError, internal

_log = logging.getLogger(__name__)


class Refusals:
    """An ASGI application in front of another."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ApiError as error:
            if begun:
                raise
            await answers.refusal(error)(scope, receive, send)
        except Exception as error:
            _log.exception("%s %s failed", scope.get("method"), scope.get("path"))
            if begun:
                raise
            text = f"{type(error).__name__}; the server's log has the details"
            await answers.refusal(internal(text))(scope, receive, send)

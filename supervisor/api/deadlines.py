"""Deadlines for receiving each part of a request.

Rules
- The deadline of a part starts with the part; receiving more bytes does not extend it.
- Sending a response has no deadline: watches and followed logs may last forever.

Follows the ReadHeaderTimeout and --request-timeout of kube-apiserver.
"""

import asyncio
from collections.abc import Callable
from enum import Enum


class Part(Enum):
    HEAD = "head"
    """Waiting for the head of the first request, or for the rest of any head."""
    BODY = "body"
    NEXT = "next"
    """Waiting for the next request on an idle connection."""
    ANSWER = "answer"
    """The request is complete and being answered."""


#: Deadline of each part in seconds.
SECONDS = {Part.HEAD: 32.0, Part.BODY: 60.0, Part.NEXT: 75.0}


class Deadline:
    """Calls `expire` when the current part is not received in time."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._expire: Callable[[], None] | None = expire
        self._part: Part | None = None
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, part: Part) -> None:
        """Set the part that the connection waits for."""
        if part is self._part or self._expire is None:
            return
        self._part = part
        self._stop()
        if (seconds := SECONDS.get(part)) is not None:
            self._timer = self._loop.call_later(seconds, self._expire)

    def end(self) -> None:
        """Stop and drop all references to the connection."""
        self._stop()
        self._expire = None

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""How long a client may take for each part of a request.

Rules
- The time of a part begins with the part. More bytes of it do not prolong it.
- While an answer is under way there is no limit: watches and followed logs are endless.

Follows the ReadHeaderTimeout and --request-timeout of kube-apiserver.
"""

import asyncio
from collections.abc import Callable
from enum import Enum


class Part(Enum):
    HEAD = "head"
    """Of the first request on a connection, or of one that has begun."""
    BODY = "body"
    NEXT = "next"
    """Nothing of the next request on a kept connection is here yet."""
    ANSWER = "answer"
    """The request is complete."""


SECONDS = {Part.HEAD: 32.0, Part.BODY: 60.0, Part.NEXT: 75.0}


class Deadline:
    """Calls `expire` when the present part has taken too long."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._expire: Callable[[], None] | None = expire
        self._part: Part | None = None
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, part: Part) -> None:
        """The connection waits for this part now."""
        if part is self._part or self._expire is None:
            return
        self._part = part
        self._stop()
        if (seconds := SECONDS.get(part)) is not None:
            self._timer = self._loop.call_later(seconds, self._expire)

    def end(self) -> None:
        """The connection is gone; nothing of it is held any more."""
        self._stop()
        self._expire = None

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

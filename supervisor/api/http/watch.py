"""A watch as an endless answer: one JSON event per line.

Rules
- No thread is held: the store's wake-up sets an event of the loop, and each read of the
  log is a short call in the pool.
- A client that reads slowly is waited for with at most one batch in memory.
- It ends when the client goes, its time is up, or the log no longer reaches. One whose
  client takes nothing for half a minute ends with 410, as when the log no longer
  reaches: the client begins anew.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from supervisor.api import hijack
from supervisor.api.http.answers import to_json
from supervisor.api.registry.watching import BOOKMARK_SECONDS, WatchCursor
from supervisor.client.base import WatchEvent
from supervisor.model.errors import expired
from supervisor.model.meta import Object

Represent = Callable[[WatchEvent], Object]
PATIENCE_SECONDS = 30.0
"""How long a client may take nothing."""
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class WatchAnswer:
    """An ASGI answer; `run` executes a call in a worker thread."""

    def __init__(
        self,
        cursor: WatchCursor,
        run: Callable[[Callable[[], bytes]], Awaitable[bytes]],
        represent: Represent,
        *,
        timeout: float | None,
        bookmarks: bool,
        marks_beginning: bool,
    ) -> None:
        self._cursor = cursor
        self._run = run
        self._represent = represent
        self._timeout = timeout
        self._bookmarks = bookmarks
        #: True while the client still has to be told that the beginning is over.
        self._owes_mark = marks_beginning
        self._ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            # The loop may be closed already while the daemon stops.
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)

        unsubscribe = self._cursor.subscribe(wake)
        left = asyncio.ensure_future(_left(receive))
        try:
            headers = [(b"content-type", b"application/json")]
            await send(
                {"type": "http.response.start", "status": 200, "headers": headers}
            )
            if await self._follow(woken, left, send):
                await send({"type": "http.response.body", "body": b""})
            else:
                hijack.finish(scope, self._line(_too_slow()))
        finally:
            unsubscribe()
            left.cancel()

    async def _follow(
        self, woken: asyncio.Event, left: "asyncio.Future[None]", send: Send
    ) -> bool:
        """Until the end; whether the client has taken everything."""
        loop = asyncio.get_running_loop()
        ends_at = None if self._timeout is None else loop.time() + self._timeout
        idle = False
        while not left.done():
            woken.clear()
            lines = await self._run(lambda: self._read(idle=idle))  # noqa: B023
            if lines and not await _send(send, lines, left):
                return False
            if self._ended:
                return True
            if lines and not idle:
                continue
            wait = BOOKMARK_SECONDS
            if ends_at is not None:
                wait = min(wait, ends_at - loop.time())
            if wait <= 0:
                return True
            idle = not await _woken(woken, left, wait)
        return True

    def _read(self, *, idle: bool) -> bytes:
        events = self._cursor.poll()
        self._ended = any(event.type == "ERROR" for event in events)
        if not events and self._owes_mark:
            self._owes_mark = False
            mark = self._cursor.bookmark()
            mark.object["metadata"]["annotations"] = {INITIAL_EVENTS_END: "true"}
            events = [mark]
        elif not events and idle and self._bookmarks:
            events = [self._cursor.bookmark()]
        return b"".join(self._line(event) for event in events)

    def _line(self, event: WatchEvent) -> bytes:
        plain = event.type in ("ERROR", "BOOKMARK")
        obj = event.object if plain else self._represent(event)
        return to_json({"type": event.type, "object": obj})


async def _send(send: Send, lines: bytes, left: "asyncio.Future[None]") -> bool:
    """Send, unless the client goes meanwhile; False when it takes nothing."""
    sending = asyncio.ensure_future(
        send({"type": "http.response.body", "body": lines, "more_body": True})
    )
    try:
        done, _ = await asyncio.wait(
            (sending, left),
            timeout=PATIENCE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if sending.done():
            sending.result()
    finally:
        sending.cancel()
    return bool(done)


def _too_slow() -> WatchEvent:
    text = f"the client has taken no events for {PATIENCE_SECONDS:g} seconds"
    return WatchEvent("ERROR", expired(text).status())


async def _woken(
    woken: asyncio.Event, left: "asyncio.Future[None]", seconds: float
) -> bool:
    """Wait for news, or for the client to go; False when neither came in time."""
    waking = asyncio.ensure_future(woken.wait())
    try:
        done, _ = await asyncio.wait(
            (waking, left), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        waking.cancel()
    return bool(done)


async def _left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass

"""A watch as a streaming response: one JSON event per line.

Rules
- No thread is occupied: notifications of the store set an asyncio event, and each read
  of the log is a short call in the thread pool.
- For a slow client, at most one batch is kept in memory.
- A watch ends when the client disconnects, on timeout, or with a 410 event: if the log
  no longer contains its position, or if the client reads nothing for half a minute.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from supervisor.api import hijack
from supervisor.api.http.responses import to_json
from supervisor.api.registry.watching import BOOKMARK_SECONDS, WatchCursor
from supervisor.client.base import WatchEvent
from supervisor.model.errors import expired
from supervisor.model.meta import Object

Represent = Callable[[WatchEvent], Object]
SEND_TIMEOUT_SECONDS = 30.0
"""How long a client may read nothing before its watch ends."""
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class WatchResponse:
    """An ASGI response; `run` executes a call in a worker thread.

    `timeout` is in seconds; None means no limit.
    """

    def __init__(
        self,
        cursor: WatchCursor,
        run: Callable[[Callable[[], bytes]], Awaitable[bytes]],
        represent: Represent,
        *,
        timeout: float | None,
        bookmarks: bool,
        send_initial_end: bool,
    ) -> None:
        self._cursor = cursor
        self._run = run
        self._represent = represent
        self._timeout = timeout
        self._bookmarks = bookmarks
        #: True until the end of the initial list has been announced.
        self._initial_end_pending = send_initial_end
        self._ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            # The loop may be closed already while the daemon stops.
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)

        unsubscribe = self._cursor.subscribe(wake)
        disconnected = asyncio.ensure_future(_disconnected(receive))
        try:
            headers = [(b"content-type", b"application/json")]
            await send(
                {"type": "http.response.start", "status": 200, "headers": headers}
            )
            if await self._follow(woken, disconnected, send):
                await send({"type": "http.response.body", "body": b""})
            else:
                hijack.finish(scope, self._line(_too_slow()))
        finally:
            unsubscribe()
            disconnected.cancel()

    async def _follow(
        self, woken: asyncio.Event, disconnected: "asyncio.Future[None]", send: Send
    ) -> bool:
        """Send events until the watch ends; False if the client is too slow."""
        loop = asyncio.get_running_loop()
        ends_at = None if self._timeout is None else loop.time() + self._timeout
        idle = False
        while not disconnected.done():
            woken.clear()
            lines = await self._run(lambda: self._read(idle=idle))  # noqa: B023
            if lines and not await _send(send, lines, disconnected):
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
            idle = not await _woken(woken, disconnected, wait)
        return True

    def _read(self, *, idle: bool) -> bytes:
        events = self._cursor.poll()
        self._ended = any(event.type == "ERROR" for event in events)
        if not events and self._initial_end_pending:
            self._initial_end_pending = False
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


async def _send(send: Send, lines: bytes, disconnected: "asyncio.Future[None]") -> bool:
    """Send until done or disconnected; False if the client reads nothing."""
    sending = asyncio.ensure_future(
        send({"type": "http.response.body", "body": lines, "more_body": True})
    )
    try:
        done, _ = await asyncio.wait(
            (sending, disconnected),
            timeout=SEND_TIMEOUT_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if sending.done():
            sending.result()
    finally:
        sending.cancel()
    return bool(done)


def _too_slow() -> WatchEvent:
    text = f"the client has read no events for {SEND_TIMEOUT_SECONDS:g} seconds"
    return WatchEvent("ERROR", expired(text).status())


async def _woken(
    woken: asyncio.Event, disconnected: "asyncio.Future[None]", seconds: float
) -> bool:
    """Wait for a notification or disconnection; False on timeout."""
    waking = asyncio.ensure_future(woken.wait())
    try:
        done, _ = await asyncio.wait(
            (waking, disconnected), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        waking.cancel()
    return bool(done)


async def _disconnected(receive: Receive) -> None:
    """Return when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass

"""Container logs as a chunked HTTP answer.

Rules
- One chunk is under way at a time: a slow reader slows the node's stream down.
- A client that leaves closes the stream, also while nothing is written.
- A stream that fails midway drops the connection: an answer cut short must not look
  complete.
"""

import asyncio
import logging
from collections.abc import Iterator

from starlette.requests import Request
from starlette.types import Receive, Send

from supervisor.api.hijack import abort
from supervisor.api.streams.workers import Worker, close_soon
from supervisor.model.streams import LogStream

_logger = logging.getLogger(__name__)

_HEADERS = [(b"content-type", b"text/plain"), (b"cache-control", b"no-cache, private")]


async def answer(
    request: Request, receive: Receive, send: Send, stream: LogStream, worker: Worker
) -> None:
    """Send all of `stream`, and close it whatever happens."""
    copying = asyncio.ensure_future(_copy(stream, worker, send))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({copying, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if copying.done() and (error := copying.exception()) is not None:
            _logger.warning("log of %s cut short: %s", request.url.path, error)
            abort(request)
            await leaving
    finally:
        copying.cancel()
        leaving.cancel()
        close_soon(stream)


async def _copy(stream: LogStream, worker: Worker, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    chunks = await worker.run(iter, stream)
    while (chunk := await worker.run(_next, chunks)) is not None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _next(chunks: Iterator[bytes]) -> bytes | None:
    """The next chunk that has anything in it: an empty one would end the answer."""
    return next((chunk for chunk in chunks if chunk), None)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue

"""Container logs as a chunked HTTP response.

Rules
- At most one chunk is in transit: a slow client slows down the node's stream.
- The stream is closed when the client disconnects, also while there is no output.
- If the stream fails, the connection is aborted: a truncated response must not look
  complete.
"""

import asyncio
import logging
from collections.abc import Iterator

from starlette.requests import Request
from starlette.types import Receive, Send

from supervisor.api.hijack import abort
from supervisor.api.streams.workers import Worker, close_in_background
from supervisor.model.streams import LogStream

_logger = logging.getLogger(__name__)

_HEADERS = [(b"content-type", b"text/plain"), (b"cache-control", b"no-cache, private")]


async def answer(
    request: Request, receive: Receive, send: Send, stream: LogStream, worker: Worker
) -> None:
    """Send all of `stream`; always closes it."""
    copying = asyncio.ensure_future(_copy(stream, worker, send))
    leaving = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({copying, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if copying.done() and (error := copying.exception()) is not None:
            _logger.warning("log of %s truncated: %s", request.url.path, error)
            abort(request)
            await leaving
    finally:
        copying.cancel()
        leaving.cancel()
        close_in_background(stream)


async def _copy(stream: LogStream, worker: Worker, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    chunks = await worker.run(iter, stream)
    while (chunk := await worker.run(_next, chunks)) is not None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _next(chunks: Iterator[bytes]) -> bytes | None:
    """The next non-empty chunk: an empty one would end the response."""
    return next((chunk for chunk in chunks if chunk), None)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue

"""Images of all nodes: /apis/supervisor.io/v1/images.

GET lists them, of the nodes named by `node` (repeatable) or of all. POST copies one:
{"image": NAME, "from": NODE, "to": [NODE, ...]}, where `from` is found out if it is not
given, and `to` is every other node. The answer is one JSON object per line: Begin, then
for each node Progress, Loading and Pushed, or Present, or Failed, and at last End.

Rules
- What can be refused is refused with a Status before the first line.
- An answer without End is one that broke. A client that leaves cancels the push.
"""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.every_node import existing, gather, node_names
from supervisor.api.http.answers import json_answer, to_json
from supervisor.api.http.verbs import not_allowed
from supervisor.api.image_push import Push, Pusher, prepare
from supervisor.api.streams.workers import Worker
from supervisor.client.base import Client
from supervisor.client.node import NodeDirectory
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import bad_request
from supervisor.model.meta import Object

PATH = "/apis/supervisor.io/v1/images"
_MAX_BODY_BYTES = 64 * 1024


def routes(client: Client, nodes: NodeDirectory, *, clock: Clock) -> list[Route]:
    return [Route(PATH, _Images(client, nodes, clock), methods=None)]


class _Images:
    def __init__(self, client: Client, nodes: NodeDirectory, clock: Clock) -> None:
        self._client = client
        self._nodes = nodes
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        match request.method:
            case "GET":
                answer = await self._show(request)
            case "POST":
                answer = await self._push(request)
            case _:
                raise not_allowed()
        await answer(scope, receive, send)

    async def _show(self, request: Request) -> Response:
        wanted = request.query_params.getlist("node")
        with Worker("images") as worker:
            return json_answer(await worker.run(self._list, wanted))

    def _list(self, wanted: list[str]) -> bytes:
        known = node_names(self._client)
        names = existing(known, wanted) or known
        images, silent = gather(self._nodes, names, lambda n: n.images())
        items = [
            {
                "node": node,
                "id": image.id,
                "names": list(image.names),
                "sizeBytes": image.size_bytes,
                "created": times.to_text(image.created_at),
            }
            for node, image in images
        ]
        head = {"apiVersion": "supervisor.io/v1", "kind": "ImageList"}
        return to_json(head | {"items": items, "silent": silent})

    async def _push(self, request: Request) -> Response:
        body = await _body(request)
        with Worker("images") as worker:
            push = await worker.run(prepare, self._client, self._nodes, body)
        return StreamingResponse(self._lines(push), media_type="application/json")

    async def _lines(self, push: Push) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[bytes | None] = asyncio.Queue()

        def tell(said: Object | None) -> None:
            line = None if said is None else to_json(said)
            loop.call_soon_threadsafe(lines.put_nowait, line)

        pusher = Pusher(push, self._nodes, self._clock, tell)

        def run() -> None:
            try:
                pusher.run()
            finally:
                tell(None)

        with Worker("push-image") as worker:
            running = asyncio.ensure_future(worker.run(run))
            try:
                while (line := await lines.get()) is not None:
                    yield line
                await running
            finally:
                running.cancel()
                # Closing an archive may block, and the loop must not.
                await asyncio.shield(asyncio.to_thread(pusher.cancel))


async def _body(request: Request) -> Object:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _MAX_BODY_BYTES:
            raise bad_request(f"the body is longer than {_MAX_BODY_BYTES} bytes")
    try:
        body = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise bad_request(f"the body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise bad_request("the body must be a JSON object with the field image")
    return body

"""Images of all nodes: /apis/supervisor.io/v1/images.

GET lists the images on the nodes given by `node` (repeatable), or on all nodes. POST
copies an image: {"image": NAME, "from": NODE, "to": [NODE, ...]}. `from` defaults to
the node with the newest image, `to` to all other nodes. The response is a JSON object
per line: Begin; for each node Progress, Loading and Pushed, or Present, or Failed; End.

Rules
- Invalid requests are answered with a Status before the first line.
- A response without End is incomplete. The push is cancelled if the client disconnects.
"""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.http.responses import json_response, to_json
from supervisor.api.http.verbs import not_allowed
from supervisor.api.image_push import Push, Pusher, prepare
from supervisor.api.node_queries import check_names, gather, node_names
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
        requested = request.query_params.getlist("node")
        with Worker("images") as worker:
            return json_response(await worker.run(self._list, requested))

    def _list(self, requested: list[str]) -> bytes:
        known = node_names(self._client)
        names = check_names(known, requested) or known
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

        def report(fields: Object | None) -> None:
            line = None if fields is None else to_json(fields)
            loop.call_soon_threadsafe(lines.put_nowait, line)

        pusher = Pusher(push, self._nodes, self._clock, report)

        def run() -> None:
            try:
                pusher.run()
            finally:
                report(None)

        with Worker("push-image") as worker:
            running = asyncio.ensure_future(worker.run(run))
            try:
                while (line := await lines.get()) is not None:
                    yield line
                await running
            finally:
                running.cancel()
                # Closing an archive may block, so it is done in a thread.
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
        raise bad_request(f"the body is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise bad_request("the body must be a JSON object with the field image")
    return body

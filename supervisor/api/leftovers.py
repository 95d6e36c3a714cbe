"""Leftovers on the engines of all nodes: /apis/supervisor.io/v1/leftovers.

GET lists containers, volumes and networks on all engines that carry our labels and
belong to no pod. Nodes that do not answer are listed under `silent`.
"""

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.http.responses import json_response, to_json
from supervisor.api.http.verbs import not_allowed
from supervisor.api.node_queries import gather, node_names
from supervisor.api.streams.workers import Worker
from supervisor.client.base import Client
from supervisor.client.node import NodeDirectory

PATH = "/apis/supervisor.io/v1/leftovers"


def routes(client: Client, nodes: NodeDirectory) -> list[Route]:
    return [Route(PATH, _Leftovers(client, nodes), methods=None)]


class _Leftovers:
    def __init__(self, client: Client, nodes: NodeDirectory) -> None:
        self._client = client
        self._nodes = nodes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if Request(scope, receive).method != "GET":
            raise not_allowed()
        with Worker("leftovers") as worker:
            answer = json_response(await worker.run(self._list))
        await answer(scope, receive, send)

    def _list(self) -> bytes:
        names = node_names(self._client)
        found, silent = gather(self._nodes, names, lambda n: n.leftovers())
        items = [
            {
                "node": node,
                "type": one.sort,
                "name": one.name,
                "pod": one.pod,
                "reason": one.because,
                "isRemoved": one.is_removed,
            }
            for node, one in found
        ]
        head = {"apiVersion": "supervisor.io/v1", "kind": "LeftoverList"}
        return to_json(head | {"items": items, "silent": silent})

"""GET /apis/supervisor.io/v1/damage: list objects whose stored bytes are damaged."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from supervisor.api.http.responses import json_response, to_json
from supervisor.store.base import Damage

PATH = "/apis/supervisor.io/v1/damage"


def routes(damaged: Callable[[], Sequence[Damage]]) -> list[Route]:
    """`damaged` lists the damaged objects of the store."""

    async def show(request: Request) -> Response:
        items = [
            {
                "resource": each.key.resource,
                "namespace": each.key.namespace,
                "name": each.key.name,
                "cause": each.cause,
            }
            for each in damaged()
        ]
        head = {"apiVersion": "supervisor.io/v1", "kind": "DamageList"}
        return json_response(to_json(head | {"items": items}))

    return [Route(PATH, show, methods=["GET"])]

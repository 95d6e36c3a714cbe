"""GET /apis/supervisor.io/v1/damage: the objects whose stored bytes cannot be read."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from supervisor.api.http.answers import json_answer, to_json
from supervisor.store.base import Damage

PATH = "/apis/supervisor.io/v1/damage"


def routes(damaged: Callable[[], Sequence[Damage]]) -> list[Route]:
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
        return json_answer(to_json(head | {"items": items}))

    return [Route(PATH, show, methods=["GET"])]

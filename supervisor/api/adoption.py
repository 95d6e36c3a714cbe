"""Adoption or removal of running pods that are missing from the store.

GET /apis/supervisor.io/v1/adoptions lists the pods held by the agents (see
agent/pods/custody). POST with {} or {"acceptLoss": false} recreates their objects;
POST with {"acceptLoss": true} has the pods removed. Both respond with the outcome for
each pod.

Rules
- A pod that cannot be recreated remains held; the response contains the reason.
- Nodes that do not answer are listed under `silent`; their pods are not changed.
"""

import logging
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.http.responses import json_response, to_json
from supervisor.api.http.verbs import not_allowed
from supervisor.api.node_queries import gather, node_names
from supervisor.api.registry import Registry
from supervisor.api.streams.workers import Worker
from supervisor.client.node import HeldPod, NodeDirectory
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError, bad_request, internal
from supervisor.model.meta import Object

PATH = "/apis/supervisor.io/v1/adoptions"
_FIELDS = ("apiVersion", "kind", "acceptLoss")
_log = logging.getLogger(__name__)


def routes(
    registry: Registry, nodes: NodeDirectory, read_only_reason: Callable[[], str]
) -> list[Route]:
    """`read_only_reason` returns why the store cannot be written, or "" if it can."""
    endpoint = _Endpoint(Adoption(registry, nodes), read_only_reason)
    return [Route(PATH, endpoint, methods=None)]


class Adoption:
    def __init__(self, registry: Registry, nodes: NodeDirectory) -> None:
        self._registry = registry
        self._nodes = nodes

    def show(self) -> Object:
        """List the held pods."""
        held, silent = self._held()
        return _list(
            [_item(node, pod, "held", pod.because) for node, pod in held], silent
        )

    def adopt(self) -> Object:
        """Recreate the objects of held pods; failures are reported for each pod."""
        held, silent = self._held()
        items = []
        for node, pod in held:
            try:
                self._adopt(node, pod)
            except ApiError as error:
                items.append(_item(node, pod, "held", error.message))
            else:
                _log.info("adopted pod %s/%s on %s", pod.namespace, pod.name, node)
                items.append(_item(node, pod, "adopted", ""))
        return _list(items, silent)

    def accept_loss(self) -> Object:
        """Have all held pods removed."""
        held, silent = self._held()
        sessions = {session for _, pod in held for session in pod.sessions}
        for _, pod in held:
            self._registry.maintenance.forget_damaged(
                POD.resource, pod.namespace, pod.name
            )
        self._registry.maintenance.accept_sessions(sorted(sessions))
        for node in sorted({node for node, _ in held}):
            self._nodes.connect(node).recheck_held_pods()
        _log.warning(
            "loss accepted: removing %d pod(s) that are missing from the store",
            len(held),
        )
        return _list([_item(node, pod, "removed", "") for node, pod in held], silent)

    def _held(self) -> tuple[list[tuple[str, HeldPod]], list[Object]]:
        names = node_names(self._registry)
        held, silent = gather(self._nodes, names, lambda n: n.held_pods())
        held.sort(key=lambda each: (each[1].namespace, each[1].name, each[0]))
        return held, silent

    def _adopt(self, node: str, pod: HeldPod) -> None:
        if pod.manifest is None:
            raise bad_request(
                "its sandbox carries no manifest, as it was created by an earlier "
                "version: create the pod again, then accept the loss of this one"
            )
        self._registry.maintenance.adopt(pod.manifest, node=node, images=pod.images)


def _item(node: str, pod: HeldPod, outcome: str, message: str) -> Object:
    return {
        "node": node,
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "outcome": outcome,
        "message": message,
    }


def _list(items: list[Object], silent: list[Object]) -> Object:
    head = {"apiVersion": "supervisor.io/v1", "kind": "AdoptionList"}
    return head | {"items": items, "silent": silent}


class _Endpoint:
    def __init__(self, adoption: Adoption, read_only_reason: Callable[[], str]) -> None:
        self._adoption = adoption
        self._read_only_reason = read_only_reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        match request.method:
            case "GET":
                answer = await self._run(accept=None)
            case "POST":
                if why := self._read_only_reason():
                    raise internal(why)
                answer = await self._run(accept=_accepts(await request.body()))
            case _:
                raise not_allowed()
        await answer(scope, receive, send)

    async def _run(self, accept: bool | None) -> Response:
        work = self._adoption.show
        if accept is not None:
            work = self._adoption.accept_loss if accept else self._adoption.adopt
        with Worker("adopt") as worker:
            return json_response(to_json(await worker.run(work)))


def _accepts(content: bytes) -> bool:
    try:
        body = msgspec.json.decode(content or b"{}", type=dict)
    except msgspec.DecodeError as error:
        raise bad_request(f"the body is not a JSON object: {error}") from error
    for field in body:
        if field not in _FIELDS:
            raise bad_request(f"{field}: unknown field; allowed: acceptLoss")
    accept = body.get("acceptLoss", False)
    if not isinstance(accept, bool):
        raise bad_request(f"acceptLoss: {accept!r} must be true or false")
    return accept

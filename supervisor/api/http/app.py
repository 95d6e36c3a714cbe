"""The ASGI application: authentication, routing, and the pool of worker threads.

Rules
- Requests for objects are processed in a small thread pool, never in the event loop.
- All paths except health checks require a token; all errors are Statuses.

Follows apiserver/pkg/server/handler.go.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from supervisor.api import adoption, backup, damage, images, leftovers, streams, usage
from supervisor.api.http import (
    documents,
    health,
    negotiation,
    options,
    paths,
    representation,
    resource_versions,
    responses,
)
from supervisor.api.http.auth import BearerTokenAuth
from supervisor.api.http.errors import ErrorHandler
from supervisor.api.http.verbs import Call, Verbs, not_allowed
from supervisor.api.http.watch import WatchResponse
from supervisor.api.registry import Registry
from supervisor.client.base import WatchEvent
from supervisor.client.node import NodeDirectory
from supervisor.kinds.base import Review
from supervisor.machinery import metrics
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError, internal, unknown_path
from supervisor.model.meta import Object

MAX_BODY_BYTES = 3 * 2**20
_THREADS = 8
_METRICS_TYPE = "text/plain; version=0.0.4"

T = TypeVar("T")


def create_app(
    registry: Registry,
    nodes: NodeDirectory,
    tokens: Iterable[str],
    *,
    clock: Clock,
    ready: Callable[[], bool] = lambda: True,
    read_only_reason: Callable[[], str] = lambda: "",
    live_checks: Mapping[str, health.Check] | None = None,
    ready_checks: Mapping[str, health.Check] | None = None,
) -> ASGIApp:
    """The complete API. /readyz reports `ready` and `ready_checks`.

    `read_only_reason` returns why the store cannot be written, or "" if it can; users'
    writes are refused meanwhile.
    """
    startup = {"startup": lambda: "" if ready() else "not ready yet"}
    objects = _Objects(registry, clock, read_only_reason)
    routes = [
        *streams.routes(registry, nodes, clock=clock),
        *images.routes(registry, nodes, clock=clock),
        *adoption.routes(registry, nodes, read_only_reason),
        *backup.routes(registry.maintenance.backup),
        *damage.routes(registry.maintenance.damaged),
        *leftovers.routes(registry, nodes),
        *usage.routes(registry, registry.catalog, nodes, clock),
        *documents.routes(registry.catalog),
        *health.routes(live_checks or {}, startup | dict(ready_checks or {})),
        Route("/metrics", _metrics, methods=["GET"]),
        Route("/{path:path}", objects, methods=None),
    ]
    # Routes match with and without a final slash; redirects would lose bodies.
    router = Router(routes, redirect_slashes=False)
    return ErrorHandler(BearerTokenAuth(router, tokens))


class _Objects:
    """All paths of objects under /api and /apis."""

    def __init__(
        self, registry: Registry, clock: Clock, read_only_reason: Callable[[], str]
    ) -> None:
        self._registry = registry
        self._read_only_reason = read_only_reason
        self._clock = clock
        self._verbs = Verbs(registry, clock)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        target = paths.parse(scope["path"], self._registry.catalog)
        if target is None:
            raise unknown_path()
        if target.subresource in ("log", "exec", "attach", "portforward"):
            raise not_allowed()
        try:
            answer = await self._respond(request, target)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _respond(self, request: Request, target: paths.Target) -> ASGIApp:
        query = request.query_params
        is_list = request.method == "GET" and not target.name
        if is_list and options.flag(query, "watch"):
            return await self._run(lambda: self._watch(request, target))
        self._check_writable(request, target)
        body = await _body(request)
        call = Call(request.method, target, query, request.headers, body)
        return await self._run(lambda: self._verbs.respond(call))

    def _check_writable(self, request: Request, target: paths.Target) -> None:
        """Raises ApiError 500 for writes while the store cannot be written."""
        if request.method in ("GET", "HEAD") or isinstance(target.resource, Review):
            return
        if request.query_params.get("dryRun"):
            return
        if why := self._read_only_reason():
            raise internal(why)

    def _watch(self, request: Request, target: paths.Target) -> ASGIApp:
        query = request.query_params
        resource_versions.check_watch(query)
        accepted = negotiation.negotiate(request.headers.get("accept", ""))
        initial = options.flag(query, "sendInitialEvents")

        def represent(event: WatchEvent) -> Object:
            return representation.of_object(
                target.served,
                event.object,
                accepted,
                now=self._clock.now(),
                include_object=query.get("includeObject", ""),
            )

        try:
            cursor = self._registry.cursor(
                target.resource.identity.resource,
                target.namespace,
                since=query.get("resourceVersion", ""),
                labels=query.get("labelSelector", ""),
                fields=query.get("fieldSelector", ""),
                initial=initial,
            )
        except ApiError as error:
            if error.code != 410:
                raise
            # Clients expect this error as an event of the watch.
            gone = {"type": "ERROR", "object": error.status()}
            return responses.json_response(responses.to_json(gone))
        return WatchResponse(
            cursor,
            self._run,
            represent,
            timeout=options.timeout(query),
            bookmarks=options.flag(query, "allowWatchBookmarks"),
            send_initial_end=initial,
        )

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


async def _body(request: Request) -> bytes:
    """Read the body. Raises ApiError 413 as soon as it exceeds the limit."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            message = f"Request entity too large: limit is {MAX_BODY_BYTES} bytes"
            raise ApiError(413, "RequestEntityTooLarge", message)
        chunks.append(chunk)
    return b"".join(chunks)


async def _metrics(request: Request) -> Response:
    return PlainTextResponse(metrics.render(), media_type=_METRICS_TYPE)

"""The ASGI application: who may come in, what paths there are, which thread works.

Rules
- Work on objects is done in a small pool of threads; the event loop only carries bytes.
- Everything but health needs a token; every failure is a Status.

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

from supervisor.api import adoption, backup, damage, images, leftovers, streams
from supervisor.api.http import (
    answers,
    documents,
    forms,
    health,
    negotiation,
    options,
    paths,
    versions,
)
from supervisor.api.http.auth import BearerTokens
from supervisor.api.http.errors import Refusals
from supervisor.api.http.verbs import Call, Verbs, not_allowed
from supervisor.api.http.watch import WatchAnswer
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
    unwritable: Callable[[], str] = lambda: "",
    live_checks: Mapping[str, health.Check] | None = None,
    ready_checks: Mapping[str, health.Check] | None = None,
) -> ASGIApp:
    """The whole API. /readyz tells of `ready` and of the parts that are checked.

    `unwritable` says why writes cannot be kept at present: users' are refused then.
    """
    startup = {"startup": lambda: "" if ready() else "not ready yet"}
    objects = _Objects(registry, clock, unwritable)
    routes = [
        *streams.routes(registry, nodes, clock=clock),
        *images.routes(registry, nodes, clock=clock),
        *adoption.routes(registry, nodes, unwritable),
        *backup.routes(registry.care.backup),
        *damage.routes(registry.care.damaged),
        *leftovers.routes(registry, nodes),
        *documents.routes(registry.catalog),
        *health.routes(live_checks or {}, startup | dict(ready_checks or {})),
        Route("/metrics", _metrics, methods=["GET"]),
        Route("/{path:path}", objects, methods=None),
    ]
    # Paths end with or without a slash; redirecting would lose bodies.
    router = Router(routes, redirect_slashes=False)
    return Refusals(BearerTokens(router, tokens))


class _Objects:
    """Everything under /api and /apis that is about objects."""

    def __init__(
        self, registry: Registry, clock: Clock, unwritable: Callable[[], str]
    ) -> None:
        self._registry = registry
        self._unwritable = unwritable
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
            answer = await self._answer(request, target)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answer(self, request: Request, target: paths.Target) -> ASGIApp:
        query = request.query_params
        is_list = request.method == "GET" and not target.name
        if is_list and options.flag(query, "watch"):
            return await self._run(lambda: self._watch(request, target))
        self._refuse_write(request, target)
        body = await _body(request)
        call = Call(request.method, target, query, request.headers, body)
        return await self._run(lambda: self._verbs.answer(call))

    def _refuse_write(self, request: Request, target: paths.Target) -> None:
        """Acknowledge nothing that would not be on disk."""
        if request.method in ("GET", "HEAD") or isinstance(target.resource, Review):
            return
        if request.query_params.get("dryRun"):
            return
        if why := self._unwritable():
            raise internal(why)

    def _watch(self, request: Request, target: paths.Target) -> ASGIApp:
        query = request.query_params
        versions.check_watch(query)
        form = negotiation.form_of(request.headers.get("accept", ""))
        initial = options.flag(query, "sendInitialEvents")

        def represent(event: WatchEvent) -> Object:
            return forms.of_object(
                target.served,
                event.object,
                form,
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
            # Clients look for this inside of a watch, not instead of one.
            gone = {"type": "ERROR", "object": error.status()}
            return answers.json_answer(answers.to_json(gone))
        return WatchAnswer(
            cursor,
            self._run,
            represent,
            timeout=options.timeout(query),
            bookmarks=options.flag(query, "allowWatchBookmarks"),
            marks_beginning=initial,
        )

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


async def _body(request: Request) -> bytes:
    """The body. Raises ApiError 413 before more than is allowed is in memory."""
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

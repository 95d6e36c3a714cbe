"""Routes for the streams of a pod: log, exec, attach and portforward.

Rules
- Requests must be authenticated by a middleware; upgrades are plain HTTP requests, so a
  middleware for `http` scopes is sufficient.
- Errors are reported as a Status, before the upgrade.
- Calls to the client and to nodes block, so they are made in worker threads.

Follows pkg/registry/core/pod/rest/{log,subresources}.go.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.streams import log
from supervisor.api.streams.command import Started, relay
from supervisor.api.streams.options import CommandOptions, command_options, log_options
from supervisor.api.streams.target import Target, container_of, find
from supervisor.api.streams.workers import StreamLimiter, Worker, close_in_background
from supervisor.client.base import Client
from supervisor.client.node import NodeDirectory
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError, bad_request, unavailable

_logger = logging.getLogger(__name__)

_POD = "/api/v1/namespaces/{namespace}/pods/{name}"
_MAX_STREAMS = 128
_MAX_CONNECTIONS = 256

T = TypeVar("T")


@dataclass(frozen=True)
class _Asgi:
    request: Request
    receive: Receive
    send: Send


Handler = Callable[[_Asgi], Awaitable[None]]
Start = Callable[[Target], Started]


class _Endpoint:
    """An ASGI application for a handler, which sends the response by itself."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            await self._handle(_Asgi(request, receive, send))
        except ApiError as error:
            await _error_response(error)(scope, receive, send)
        except ConnectionError:
            _logger.debug("the client of %s has disconnected", request.url.path)


def routes(
    client: Client,
    nodes: NodeDirectory,
    *,
    clock: Clock,
    max_streams: int = _MAX_STREAMS,
) -> list[Route]:
    """The routes. Requests beyond `max_streams` open streams are answered with 429."""
    streams = _Streams(client, nodes, clock, StreamLimiter(max_streams))
    upgrade_methods = ["GET", "POST"]
    return [
        _route("log", streams.log, ["GET"]),
        _route("exec", streams.exec, upgrade_methods),
        _route("attach", streams.attach, upgrade_methods),
        _route("portforward", streams.portforward, upgrade_methods),
    ]


def _route(verb: str, handle: Handler, methods: list[str]) -> Route:
    route = Route(f"{_POD}/{verb}", _Endpoint(handle), methods=methods)
    # Added by Starlette; HEAD for a followed log would never end.
    (route.methods or set()).discard("HEAD")
    return route


class _Streams:
    def __init__(
        self, client: Client, nodes: NodeDirectory, clock: Clock, limiter: StreamLimiter
    ) -> None:
        self._client = client
        self._nodes = nodes
        self._clock = clock
        self._limiter = limiter
        #: Limits the connections of port-forwards.
        self._connections = asyncio.Semaphore(_MAX_CONNECTIONS)

    async def log(self, asgi: _Asgi) -> None:
        request = asgi.request
        name = request.path_params["name"]
        options = log_options(request.query_params, name, self._clock.now())
        with self._limiter.slot(), Worker("stream-log") as worker:
            target = await self._find(request, worker)
            requested = request.query_params.get("container", "")
            container = container_of(target.pod, requested).name
            opening = worker.open(target.node.logs, target.uid, container, options)
            stream = await _reachable(opening)
            await log.answer(request, asgi.receive, asgi.send, stream, worker)

    async def exec(self, asgi: _Asgi) -> None:
        options = command_options(asgi.request.query_params)
        if not options.command:
            raise bad_request("you must specify at least one command for the container")

        def start(target: Target) -> Started:
            session = target.node.exec(
                target.uid,
                container_of(target.pod, options.container).name,
                options.command,
                stdin=options.stdin,
                tty=options.tty,
            )
            return Started(session, has_exit_code=True, closes_stdin=True)

        await self._command(asgi.request, options, start)

    async def attach(self, asgi: _Asgi) -> None:
        options = command_options(asgi.request.query_params)

        def start(target: Target) -> Started:
            container = container_of(target.pod, options.container)
            # Whether there is a terminal depends on the container, not on the request.
            session = target.node.attach(
                target.uid, container.name, stdin=options.stdin, tty=container.tty
            )
            # Unless stdinOnce is set, stdin stays open after a client disconnects.
            return Started(
                session, has_exit_code=False, closes_stdin=container.stdin_once
            )

        await self._command(asgi.request, options, start)

    async def _command(
        self, request: Request, options: CommandOptions, start: Start
    ) -> None:
        # Imported lazily to save memory.
        from supervisor.api.streams import remotes

        with self._limiter.slot():
            with Worker("stream-open") as worker:
                target = await self._find(request, worker)
                upgrade = remotes.for_command(request)
                await _no_body(request)
                started = await _reachable(worker.open(start, target))
            try:
                remote = await remotes.connect(request, upgrade, options)
            except BaseException:
                close_in_background(started)
                raise
            await relay(started, remote, options)

    async def portforward(self, asgi: _Asgi) -> None:
        from supervisor.api.streams import remotes
        from supervisor.api.streams.forward import Forwarder

        request = asgi.request
        with self._limiter.slot():
            with Worker("stream-open") as worker:
                target = await self._find(request, worker)
            upgrade = remotes.for_ports(request)
            forwarder = Forwarder(target, self._connections)
            await _no_body(request)
            await remotes.tunnel(request, upgrade, forwarder).run()

    async def _find(self, request: Request, worker: Worker) -> Target:
        namespace = request.path_params["namespace"]
        name = request.path_params["name"]
        finding = worker.run(find, self._client, self._nodes, namespace, name)
        return await _reachable(finding)


async def _reachable(call: Awaitable[T]) -> T:
    """The result of `call`; connection errors are raised as ApiError 503."""
    try:
        return await call
    except OSError as error:
        raise unavailable(f"the pod's node cannot be reached: {error}") from error


async def _no_body(request: Request) -> None:
    """Read the request to its end: only then can the connection be taken over.

    Raises ApiError 400 if there is a body.
    """
    async for chunk in request.stream():
        if chunk:
            raise bad_request("an upgrade request must not have a body")


def _error_response(error: ApiError) -> Response:
    headers = {}
    if (seconds := error.details.get("retryAfterSeconds")) is not None:
        headers["Retry-After"] = str(seconds)
    return JSONResponse(error.status(), error.code, headers)

"""Serve an ASGI application over HTTPS in a separate thread.

Rules
- `start` returns when the port accepts connections, or raises an error.
- `stop` always returns: running requests get a grace period, watches and streams are
  closed immediately.
- The application receives upgrades as plain HTTP requests (api/hijack.py).
"""

import asyncio
import logging
import math
import socket
import ssl
import threading
from asyncio.sslproto import SSLProtocol
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

from supervisor.api.hijack import HijackableProtocol

_logger = logging.getLogger(__name__)

#: Large, since kubectl puts the command of an exec into the request line.
_MAX_HEADER_BYTES = 256 * 1024
_KEEP_ALIVE_SECONDS = 75
_HANDSHAKE_SECONDS = 10.0
_GOODBYE_SECONDS = 5.0
_TLS_BUFFER_BYTES = 32 * 1024
_CLOSED_CONNECTIONS = 50
_TICKS_BETWEEN_RELEASES = 50
_BACKLOG = 512
_JOIN_SECONDS = 5.0

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class Server:
    """A server on one port; can be started and stopped once.

    `release_memory` is called in a worker thread after many connections have closed.
    """

    def __init__(
        self,
        app: AsgiApp,
        host: str,
        port: int,
        *,
        certificate: Path,
        key: Path,
        release_memory: Callable[[], None] | None = None,
    ) -> None:
        self._app = app
        self._release_memory = release_memory
        self._address = (host, port)
        self._certificate = certificate
        self._key = key
        self._socket: socket.socket | None = None
        self._uvicorn: _Uvicorn | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that the server listens on, also if 0 was requested."""
        if self._socket is None:
            return self._address[1]
        return int(self._address[1] or self._socket.getsockname()[1])

    def start(self) -> None:
        """Start listening. Raises OSError for unusable addresses and certificates."""
        context = _tls(self._certificate, self._key)
        self._socket = _listen(*self._address)
        self._address = (self._address[0], self._socket.getsockname()[1])
        config = _config(self._until_stopped, context)
        self._uvicorn = _Uvicorn(config, self._release_memory)
        self._thread = threading.Thread(
            target=self._serve, name="api-server", daemon=True
        )
        self._thread.start()
        self._uvicorn.settled.wait()
        if not self._uvicorn.started:
            raise RuntimeError("the API server terminated during startup; see the log")

    def stop(self, grace_seconds: float) -> None:
        """Stop listening and close all connections; further calls have no effect."""
        if self._uvicorn is None or self._thread is None:
            return
        self._uvicorn.config.timeout_graceful_shutdown = math.ceil(grace_seconds)
        self._uvicorn.should_exit = True
        self._thread.join(math.ceil(grace_seconds) + _JOIN_SECONDS)
        if self._thread.is_alive():
            _logger.warning(
                "the thread of the API server does not terminate; it is abandoned"
            )

    async def _until_stopped(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # Requests are cancelled when the server stops; that is not an error.
            if self._uvicorn is None or not self._uvicorn.should_exit:
                raise

    def _serve(self) -> None:
        if self._uvicorn is None or self._socket is None:
            return
        try:
            with asyncio.Runner(loop_factory=_Loop) as runner:
                runner.run(self._uvicorn.serve(sockets=[self._socket]))
        except Exception:
            _logger.exception("the API server failed")
        finally:
            self._socket.close()
            self._uvicorn.settled.set()


class _Loop(asyncio.SelectorEventLoop):
    """An event loop with limits for which uvicorn has no options."""

    def __init__(self) -> None:
        super().__init__()
        # Each TLS connection keeps a read buffer of this size; asyncio's default is
        # 256 KiB. A TLS record has at most 16 KiB.
        SSLProtocol.max_size = _TLS_BUFFER_BYTES

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        """Limit the time for TLS handshakes and shutdowns."""
        limits = {
            "ssl_handshake_timeout": _HANDSHAKE_SECONDS,
            "ssl_shutdown_timeout": _GOODBYE_SECONDS,
        }
        return await super().create_server(*args, **(kwargs | limits))


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, with notification of startup and of closed connections."""

    def __init__(
        self, config: uvicorn.Config, release_memory: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        #: Set when the server listens, or has terminated.
        self.settled = threading.Event()
        self._release_memory = release_memory
        #: Maximum number of connections since the last call of `release_memory`.
        self._peak = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times per second."""
        now = len(self.server_state.connections)
        self._peak = max(self._peak, now)
        many = self._peak - now >= _CLOSED_CONNECTIONS
        if self._release_memory and many and counter % _TICKS_BETWEEN_RELEASES == 0:
            self._peak = now
            asyncio.get_running_loop().run_in_executor(None, self._release_memory)
        return await super().on_tick(counter)


def _config(app: AsgiApp, context: ssl.SSLContext) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=HijackableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
    )
    config.load()
    config.ssl = context
    return config


def _tls(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise OSError(
            f"cannot use the certificate {certificate} with the key {key}: {error}"
        ) from error
    return context


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server(
            (host, port),
            family=family,
            backlog=_BACKLOG,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        # Python adds "(while attempting to bind on …)": the address, once more.
        reason = (error.strerror or str(error)).partition(" (while ")[0]
        raise OSError(f"cannot listen on {host}:{port}: {reason}") from error

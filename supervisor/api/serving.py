"""Serve an ASGI application over HTTPS, from a thread of its own.

Rules
- `start` returns when the port answers, or raises what is wrong with address or keys.
- `stop` returns: requests under way get the grace, watches and streams are cut at once.
- Everything is a plain HTTP request to the application, upgrades too (api/hijack.py).
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

#: kubectl puts the whole command of an exec into the request line.
_MAX_HEADER_BYTES = 256 * 1024
_KEEP_ALIVE_SECONDS = 75
_HANDSHAKE_SECONDS = 10.0
_GOODBYE_SECONDS = 5.0
_TLS_BUFFER_BYTES = 32 * 1024
_MANY = 50
_TICKS_BETWEEN_RELIEFS = 50
_BACKLOG = 512
_JOIN_SECONDS = 5.0

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class Server:
    """One listening port; started and stopped once.

    `relieve` is called, in some thread, when many connections have ended.
    """

    def __init__(
        self,
        app: AsgiApp,
        host: str,
        port: int,
        *,
        certificate: Path,
        key: Path,
        relieve: Callable[[], None] | None = None,
    ) -> None:
        self._app = app
        self._relieve = relieve
        self._address = (host, port)
        self._certificate = certificate
        self._key = key
        self._socket: socket.socket | None = None
        self._uvicorn: _Uvicorn | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that it listens on; also when 0 was asked for."""
        if self._socket is None:
            return self._address[1]
        return int(self._address[1] or self._socket.getsockname()[1])

    def start(self) -> None:
        """Raises OSError for an address or a key file that cannot be used."""
        context = _tls(self._certificate, self._key)
        self._socket = _listen(*self._address)
        self._address = (self._address[0], self._socket.getsockname()[1])
        config = _config(self._until_stopped, context)
        self._uvicorn = _Uvicorn(config, self._relieve)
        self._thread = threading.Thread(
            target=self._serve, name="api-server", daemon=True
        )
        self._thread.start()
        self._uvicorn.settled.wait()
        if not self._uvicorn.started:
            raise RuntimeError("the API server ended while it started; see the log")

    def stop(self, grace_seconds: float) -> None:
        """Stop listening and end every connection; a second call does nothing."""
        if self._uvicorn is None or self._thread is None:
            return
        self._uvicorn.config.timeout_graceful_shutdown = math.ceil(grace_seconds)
        self._uvicorn.should_exit = True
        self._thread.join(math.ceil(grace_seconds) + _JOIN_SECONDS)
        if self._thread.is_alive():
            _logger.warning("the API server's thread does not end; it is left behind")

    async def _until_stopped(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # A request that is cut off by the end is no mistake of the application.
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
    """asyncio's, with limits that uvicorn has no options for."""

    def __init__(self) -> None:
        super().__init__()
        # Each connection has a buffer of this size for as long as it lasts, and asyncio
        # takes 256 KiB. A record of TLS has 16 KiB.
        SSLProtocol.max_size = _TLS_BUFFER_BYTES

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        """Do not wait long for a client that shakes no hands, or says no goodbye."""
        limits = {
            "ssl_handshake_timeout": _HANDSHAKE_SECONDS,
            "ssl_shutdown_timeout": _GOODBYE_SECONDS,
        }
        return await super().create_server(*args, **(kwargs | limits))


class _Uvicorn(uvicorn.Server):
    """uvicorn, which tells when it listens, and when many connections have ended."""

    def __init__(
        self, config: uvicorn.Config, relieve: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        #: Set when it listens, and when it has ended.
        self.settled = threading.Event()
        self._relieve = relieve
        #: The most connections since `relieve` was called last.
        self._most = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        now = len(self.server_state.connections)
        self._most = max(self._most, now)
        many = self._most - now >= _MANY
        if self._relieve and many and counter % _TICKS_BETWEEN_RELIEFS == 0:
            self._most = now
            asyncio.get_running_loop().run_in_executor(None, self._relieve)
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

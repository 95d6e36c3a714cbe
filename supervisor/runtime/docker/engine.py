"""The way to one Docker engine: docker-py for calls, plain connections for streams.

Rules
- Nothing is sent before the first call, so an engine may be away when we start. The
  version of the API is agreed on with the first answer.
- The environment has no say: proxies and CA bundles in it are not for engines, and
  REQUESTS_CA_BUNDLE would replace the engine's own CA.
- Streams get connections of their own, with TCP keepalive: a peer that lost its power
  sends nothing, and no read would ever end otherwise.

Used by all other docker_* files; safe for any number of threads.
"""

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

import docker
import docker.tls

from supervisor.machinery import socket_options
from supervisor.model.endpoint import Endpoint
from supervisor.runtime.base import EngineUnavailable, RuntimeFailure
from supervisor.runtime.docker import pools
from supervisor.runtime.docker.errors import refusal, translated
from supervisor.runtime.duplex import Duplex, PlainDuplex, TlsDuplex
from supervisor.runtime.ssh.tunnel import SshTunnel

_CHANGE_SECONDS = 60
"""How long a change (start, create, remove) may take on a busy machine."""
_PATIENCE_SECONDS = 0.5
_POOL = 128
_TRIM_SECONDS = 60.0
_TCP_USER_TIMEOUT = 18
_TCP_OPTIONS = [
    *socket_options.options(idle=2, interval=1, tries=3),
    (socket.IPPROTO_TCP, _TCP_USER_TIMEOUT, 6000),
]


@dataclass(frozen=True)
class Tls:
    """Paths of the files with which we and an engine know each other."""

    ca: str
    certificate: str
    key: str


class _Client(docker.APIClient):
    # requests sets this in its constructor, and docker-py's already sends a request.
    trust_env = property(lambda self: False, lambda self, value: None)


class Engine:
    """One at `endpoint`; over ssh its socket is at the near end of `tunnel`."""

    def __init__(
        self,
        endpoint: Endpoint,
        timeout: float,
        tls: Tls | None = None,
        tunnel: SshTunnel | None = None,
    ) -> None:
        self.timeout = timeout
        #: Whether its containers' processes are processes of this machine.
        self.is_local = endpoint.scheme == "unix"
        self._endpoint = endpoint
        self._tls = tls
        self._tunnel = tunnel
        self._lock = threading.Lock()
        self._apis: tuple[docker.APIClient, docker.APIClient] | None = None
        self._trim_at = time.monotonic() + _TRIM_SECONDS

    def _socket_path(self, timeout: float) -> str:
        """Of the Unix socket to connect to; empty over tcp. Raises EngineUnavailable
        while the tunnel is down."""
        return self._tunnel.ready(timeout) if self._tunnel else self._endpoint.path

    # Any, since the type stubs of docker-py leave out what it decorates.
    @property
    def api(self) -> Any:
        """For calls that are answered at once."""
        return self._agreed()[0]

    @property
    def slow(self) -> Any:
        """For changes, which may take a while."""
        return self._agreed()[1]

    def _agreed(self) -> tuple[docker.APIClient, docker.APIClient]:
        path = self._socket_path(self.timeout)
        if (agreed := self._apis) is not None:
            if time.monotonic() >= self._trim_at:
                # There are calls at all times, so this needs no timer.
                self._trim_at = time.monotonic() + _TRIM_SECONDS
                self.trim()
            return agreed
        # Others wait no longer than the one who is asking.
        if not self._lock.acquire(timeout=self.timeout):
            raise EngineUnavailable("the Docker engine does not answer: no answer yet")
        try:
            if (agreed := self._apis) is None:
                api = self._first(path)
                most = max(self.timeout, _CHANGE_SECONDS)
                agreed = (api, self._client(path, api.api_version, most))
                self._apis = agreed
            return agreed
        finally:
            self._lock.release()

    def agree_anew(self) -> None:
        """Have the next call ask which version of the API the engine speaks.

        Calls that are under way go on with the one they have.
        """
        self._apis = None

    def trim(self) -> None:
        """Close connections that nobody uses at present, all but a few."""
        for api in self._apis or ():
            pools.trim(api)

    def _first(self, path: str) -> docker.APIClient:
        try:
            return self._client(path, "auto", self.timeout)
        except EngineUnavailable as error:
            if self._tunnel and (why := self._tunnel.refusal(_PATIENCE_SECONDS)):
                raise EngineUnavailable(
                    f"ssh to {self._tunnel.title} works, but it does not get to "
                    f"{self._endpoint.path} there ({why}): the engine must run, the "
                    "user be allowed to use its socket, and the ssh server allow it "
                    "(AllowTcpForwarding, AllowStreamLocalForwarding)"
                ) from error
            raise

    def _client(self, path: str, version: str, timeout: float) -> docker.APIClient:
        tls = self._tls and docker.tls.TLSConfig(
            client_cert=(self._tls.certificate, self._tls.key),
            ca_cert=self._tls.ca,
            verify=True,
        )
        with translated():
            client = _Client(
                base_url=f"unix://{path}" if path else self._address(),
                version=version,
                timeout=timeout,  # type: ignore[arg-type]
                tls=tls or False,
                max_pool_size=_POOL,
            )
        for adapter in client.adapters.values():
            if manager := getattr(adapter, "poolmanager", None):
                manager.connection_pool_kw |= {
                    "maxsize": _POOL,
                    "socket_options": _TCP_OPTIONS,
                }
        return client

    def _address(self) -> str:
        host = self._endpoint.host
        return f"tcp://{f'[{host}]' if ':' in host else host}:{self._endpoint.port}"

    @cached_property
    def _context(self) -> ssl.SSLContext | None:
        if self._tls is None:
            return None
        context = ssl.create_default_context(cafile=self._tls.ca)
        context.load_cert_chain(self._tls.certificate, self._tls.key)
        return context

    def dial(self, timeout: float | None = None) -> socket.socket:
        """A fresh connection, for one answer that is read as it comes."""
        with translated():
            sock = self._connected(self.timeout if timeout is None else timeout)
            if self._context:
                return self._context.wrap_socket(
                    sock, server_hostname=self._endpoint.host
                )
            return sock

    def dial_duplex(self) -> Duplex:
        """A fresh connection, for bytes both ways."""
        with translated():
            sock = self._connected(self.timeout)
            try:
                if self._context:
                    return TlsDuplex(sock, self._context, self._endpoint.host)
                return PlainDuplex(sock)
            except BaseException:
                sock.close()
                raise

    def _connected(self, timeout: float) -> socket.socket:
        if path := self._socket_path(timeout):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(timeout)
            sock.connect(path)
            return sock
        address = (self._endpoint.host, self._endpoint.port)
        sock = socket.create_connection(address, timeout)
        for option in _TCP_OPTIONS:
            sock.setsockopt(*option)
        return sock

    def url(self, path: str, query: Mapping[str, Any]) -> str:
        """The address of something in the API, of the version agreed on."""
        text = f"/v{self.api.api_version}{quote(path, safe='/:')}"
        return f"{text}?{urlencode(query)}" if query else text

    def stream(
        self, path: str, query: Mapping[str, Any], *, method: str = "GET"
    ) -> "Response":
        """The answer to a call, to be read as it comes. It has no timeout."""
        connection = _Connection(self)
        try:
            with translated():
                connection.request(method, self.url(path, query))
                # An answer that ends the connection takes the socket with it.
                sock = connection.sock
                answer = connection.getresponse()
                if answer.status >= 400:
                    raise refused(answer.status, answer.read())
                sock.settimeout(None)
        except BaseException:
            connection.close()
            raise
        return Response(connection, answer, sock)

    def close(self) -> None:
        for api in self._apis or ():
            api.close()
        if self._tunnel:
            self._tunnel.close()


@dataclass
class Response:
    """A stream that any thread may close, which ends another's blocked read."""

    connection: http.client.HTTPConnection
    answer: http.client.HTTPResponse
    sock: socket.socket
    closed: bool = False

    def read_some(self) -> bytes:
        """The next bytes, empty at the end. Raises EngineUnavailable when cut off."""
        try:
            with translated():
                return self.answer.read1(1 << 16)
        except EngineUnavailable:
            if self.closed:
                return b""
            raise

    def close(self) -> None:
        self.closed = True
        hang_up(self.sock)

    def release(self) -> None:
        """Free the socket; nobody may be reading."""
        self.answer.close()
        self.connection.close()


def hang_up(sock: socket.socket | None) -> None:
    """End a connection for whoever is reading it; the reader releases it."""
    if sock is None:
        return
    try:
        # Not SSLSocket's own: that takes the TLS state away from under the reader.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # the other side was first


def refused(status: int, body: bytes) -> RuntimeFailure:
    """An error that the engine answered outside docker-py."""
    text = body.decode(errors="replace")
    try:
        text = str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return refusal(status, text)
    return refusal(status, text)


class _Connection(http.client.HTTPConnection):
    def __init__(self, engine: Engine) -> None:
        super().__init__("localhost")
        self._engine = engine

    def connect(self) -> None:
        self.sock = self._engine.dial()

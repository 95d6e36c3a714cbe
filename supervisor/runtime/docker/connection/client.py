"""A client of one Docker engine: docker-py for calls, own connections for streams.

Rules
- Nothing is sent before the first call, so the engine may be away when we start. The
  version of the API is negotiated with the first answer.
- Streams get connections of their own, with TCP keepalive: a peer that lost its power
  sends nothing, and a read would never end otherwise.

Used by all other files of this folder. Thread-safe.
"""

import http.client
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
import docker.errors
import docker.tls

from supervisor.machinery import socket_options
from supervisor.model.endpoint import Endpoint
from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.connection import pools
from supervisor.runtime.docker.connection.docker_py import ApiClient, connect_unix
from supervisor.runtime.docker.connection.duplex import Duplex, PlainDuplex, TlsDuplex
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.response import Response, refused
from supervisor.runtime.ssh.tunnel import SshTunnel

_CHANGE_SECONDS = 60
"""Timeout of changes (start, create, remove), which take long on a busy machine."""
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
    """Paths of the PEM files for mutual TLS with an engine."""

    ca: str
    certificate: str
    key: str


class EngineClient:
    """Over ssh, the engine's socket is at the local end of `tunnel`.

    `timeout` is in seconds and holds for calls that are answered at once.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        timeout: float,
        tls: Tls | None = None,
        tunnel: SshTunnel | None = None,
    ) -> None:
        self.timeout = timeout
        #: Whether its containers run on this machine.
        self.is_local = endpoint.scheme == "unix"
        self._endpoint = endpoint
        self._tls = tls
        self._tunnel = tunnel
        self._lock = threading.Lock()
        self._apis: tuple[ApiClient, ApiClient] | None = None
        self._trim_at = time.monotonic() + _TRIM_SECONDS

    def _socket_path(self, timeout: float) -> str:
        """The Unix socket to connect to; empty for tcp. Raises EngineUnavailable while
        the tunnel is down."""
        return self._tunnel.ready(timeout) if self._tunnel else self._endpoint.path

    # Any, since the type stubs of docker-py lack its decorated methods.
    @property
    def api(self) -> Any:
        """docker-py, for calls that are answered at once."""
        return self._clients()[0]

    @property
    def slow(self) -> Any:
        """The same for changes, which may take a while."""
        return self._clients()[1]

    def _clients(self) -> tuple[ApiClient, ApiClient]:
        path = self._socket_path(self.timeout)
        if (agreed := self._apis) is not None:
            if time.monotonic() >= self._trim_at:
                # Calls are frequent, so this needs no timer.
                self._trim_at = time.monotonic() + _TRIM_SECONDS
                self.trim()
            return agreed
        # Other threads wait no longer than the one that negotiates.
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

    def renegotiate(self) -> None:
        """Have the next call negotiate the version of the API again.

        Calls in progress keep the version they have.
        """
        self._apis = None

    def trim(self) -> None:
        """Close idle connections, except for a few."""
        for api in self._apis or ():
            pools.trim(api)

    def _first(self, path: str) -> ApiClient:
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

    def _client(self, path: str, version: str, timeout: float) -> ApiClient:
        tls = self._tls and docker.tls.TLSConfig(
            client_cert=(self._tls.certificate, self._tls.key),
            ca_cert=self._tls.ca,
            verify=True,
        )
        with translated():
            client = ApiClient(
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
        """A new connection, for one answer that is read as it arrives."""
        with translated():
            sock = self._connected(self.timeout if timeout is None else timeout)
            if not self._context:
                return sock
            try:
                host = self._endpoint.host
                return self._context.wrap_socket(sock, server_hostname=host)
            except BaseException:
                sock.close()
                raise

    def dial_duplex(self) -> Duplex:
        """A new connection, for bytes in both directions."""
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
            return connect_unix(path, timeout)
        address = (self._endpoint.host, self._endpoint.port)
        sock = socket.create_connection(address, timeout)
        for option in _TCP_OPTIONS:
            sock.setsockopt(*option)
        return sock

    def url(self, path: str, query: Mapping[str, Any]) -> str:
        """The path and query of a request, with the negotiated version of the API."""
        text = f"/v{self.api.api_version}{quote(path, safe='/:')}"
        return f"{text}?{urlencode(query)}" if query else text

    def stream(
        self, path: str, query: Mapping[str, Any], *, method: str = "GET"
    ) -> Response:
        """The answer to a call, to be read as it arrives. Reading has no timeout."""
        connection = _Connection(self)
        try:
            with translated():
                connection.request(method, self.url(path, query))
                # http.client drops its socket when the answer ends the connection.
                sock = connection.sock
                answer = connection.getresponse()
                if answer.status >= 400:
                    raise refused(answer.status, answer.read())
                sock.settimeout(None)
        except BaseException:
            connection.close()
            raise
        return Response(connection, answer, sock)

    def remove_container(self, container_id: str) -> None:
        """Remove a container and its anonymous volumes, killing it if it runs.

        One that is gone, or being removed by somebody else, is no error. Raises
        docker.errors.APIError.
        """
        try:
            self.slow.remove_container(container_id, v=True, force=True)
        except docker.errors.APIError as error:
            if error.status_code not in (404, 409):
                raise

    def close(self) -> None:
        for api in self._apis or ():
            api.close()
        if self._tunnel:
            self._tunnel.close()


class _Connection(http.client.HTTPConnection):
    def __init__(self, engine: EngineClient) -> None:
        super().__init__("localhost")
        self._engine = engine

    def connect(self) -> None:
        self.sock = self._engine.dial()

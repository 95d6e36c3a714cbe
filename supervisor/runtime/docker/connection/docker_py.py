"""docker-py, configured for engines.

Rules
- The environment is ignored: its proxies and CA bundles are not meant for engines, and
  REQUESTS_CA_BUNDLE would replace the engine's own CA.
- A Unix socket to which no connection can be made is closed. docker-py leaves that to
  the garbage collector.
"""

import socket
from typing import Any

import docker
from docker.transport.unixconn import (
    UnixHTTPAdapter,
    UnixHTTPConnection,
    UnixHTTPConnectionPool,
)


class ApiClient(docker.APIClient):
    # requests sets this in its constructor, and docker-py's already sends a request.
    trust_env = property(lambda self: False, lambda self, value: None)

    def mount(self, prefix: Any, adapter: Any) -> None:
        if isinstance(adapter, UnixHTTPAdapter):
            adapter = _Adapter(
                adapter.socket_path,
                adapter.timeout,
                max_pool_size=adapter.max_pool_size,
            )
        super().mount(prefix, adapter)


class _Connection(UnixHTTPConnection):
    def connect(self) -> None:
        self.sock = connect_unix(self.unix_socket, self.timeout)


class _Pool(UnixHTTPConnectionPool):
    # Any, since the type stubs of docker-py and urllib3 contradict each other.
    def _new_conn(self) -> Any:
        timeout: Any = self.timeout
        return _Connection(self.base_url, self.socket_path, timeout)


class _Adapter(UnixHTTPAdapter):
    def get_connection(self, url: Any, proxies: Any = None) -> UnixHTTPConnectionPool:
        with self.pools.lock:
            pool: UnixHTTPConnectionPool | None = self.pools.get(url)
            if pool is None:
                pool = _Pool(
                    url, self.socket_path, self.timeout, maxsize=self.max_pool_size
                )
                self.pools[url] = pool
        return pool


def connect_unix(path: str, timeout: float | None) -> socket.socket:
    """Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(path)
    except BaseException:
        sock.close()
        raise
    return sock

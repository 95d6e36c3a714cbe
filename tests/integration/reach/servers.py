"""Small servers on loopback, and single probes that go to them on a given way."""

import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from supervisor.machinery.loop import EventLoop
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Container, Probe
from supervisor.probing.asker import RealAsker
from supervisor.probing.base import Attempt
from supervisor.runtime.base import Runtime
from supervisor.runtime.reach import PodAddress

HERE = PodAddress("127.0.0.1", host_network=True)
"""This machine, which is the host in tests, taken for a pod."""


class _Ok(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def web(tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a web server where all is well."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Ok)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def listener(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does that with every connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with closing(peer):
                    answer(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
        return port


class Asking:
    """Attempts at probes through one engine, one at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._loop = EventLoop("probes")
        self._asker = RealAsker(self._loop, runtime)

    def ask(
        self, probe: Object, address: PodAddress = HERE, container_id: str = ""
    ) -> Attempt:
        """What one attempt finds."""
        found: list[Attempt] = []
        ended = threading.Event()

        def done(attempt: Attempt) -> None:
            found.append(attempt)
            ended.set()

        made = decode(Probe, {"timeoutSeconds": 2} | probe)
        self._asker.ask(made, Container("app"), container_id, address, done)
        assert ended.wait(60)
        return found[0]

    def close(self) -> None:
        self._asker.close()
        self._loop.close()

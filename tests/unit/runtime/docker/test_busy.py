"""What works on an engine that keeps `/info` waiting.

dockerd does while it looks up the host of a registry whose name server is silent.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from supervisor.model.endpoint import parse
from supervisor.runtime.base import CONTAINER_NAME, POD_UID, RuntimeEvent
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.images.pause import PauseImage
from supervisor.runtime.docker.runtime import DockerRuntime

SECOND = 1_000_000_000.0
DATE = "Sun, 09 Sep 2001 01:46:40 GMT"
LABELS = {POD_UID: "u1", CONTAINER_NAME: "app"}
EVENT = {"Action": "die", "Actor": {"ID": "c1", "Attributes": LABELS}}


class BusyEngine(ThreadingHTTPServer):
    """Answers everything but `/info`, until it is told to close."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.since: list[str] = []
        self.closing = threading.Event()


class _Answers(BaseHTTPRequestHandler):
    server: BusyEngine

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path.endswith("/info"):
            self.server.closing.wait()
            return
        body = b"OK"
        if path.path.endswith("/version"):
            body = b'{"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Arch": "amd64"}'
        elif path.path.endswith("/events"):
            self.server.since += parse_qs(path.query)["since"]
            body = json.dumps(EVENT).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return DATE

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[BusyEngine]:
    with BusyEngine() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


def address(engine: BusyEngine) -> str:
    return f"tcp://127.0.0.1:{engine.server_address[1]}"


def test_events_begin_at_the_time_of_another_answer(engine: BusyEngine) -> None:
    """It is a second early at most: an event that is told twice only wakes a pod."""
    runtime = DockerRuntime(address(engine), cluster="c", node="n", timeout=0.5)
    try:
        event = next(iter(runtime.events()))
    finally:
        runtime.close()

    assert event == RuntimeEvent("u1", "die", "app")
    assert [float(since) for since in engine.since] == [SECOND]


def test_the_pause_program_is_that_of_the_engines_version(engine: BusyEngine) -> None:
    """So sandboxes can be made although their image is not there."""
    pause = PauseImage(EngineClient(parse(address(engine)), 0.5))

    assert pause.name().startswith("supervisor/pause:")

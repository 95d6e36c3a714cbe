"""What connections to the API may cost: time, memory, and how many there may be."""

import gc
import http.client
import json
import socket
import ssl
import threading
import time
import tracemalloc
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.types import Scope

from supervisor.api import deadlines, hijack, serving
from supervisor.api.deadlines import Part
from supervisor.api.hijack import HijackableProtocol, RawConnection
from supervisor.api.http import watch as watches
from supervisor.client import kubeconfig
from tests import api_server
from tests.api_server import ApiServer
from tests.certificate import self_signed

_CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiServer]:
    with api_server.serving(tmp_path) as made:
        yield made


def connected(api: ApiServer) -> ssl.SSLSocket:
    access = kubeconfig.load(api.kubeconfig)
    assert access.ca is not None
    context = ssl.create_default_context(cadata=access.ca.decode())
    where = urlsplit(api.url)
    plain = socket.create_connection((where.hostname, where.port), 20)
    return context.wrap_socket(plain, server_hostname=where.hostname)


def head(api: ApiServer, method: str, path: str, *more: str) -> bytes:
    """The beginning of a request, without the line that ends it."""
    token = f"Authorization: Bearer {kubeconfig.load(api.kubeconfig).token}"
    lines = (f"{method} {path} HTTP/1.1", "Host: x", token, *more)
    return "".join(f"{line}\r\n" for line in lines).encode()


def eventually(holds: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.02)


@pytest.fixture
def left() -> Iterator[Callable[[], list[str]]]:
    """What connections of the test are still in memory, without the garbage collector.

    So only what nobody refers to goes. Other tests may have connections, too.
    """
    gc.collect()
    before = _connections()
    gc.disable()
    yield lambda: [
        type(o).__name__ for o in _connections() if not any(o is b for b in before)
    ]
    gc.enable()


def _connections() -> list[object]:
    kinds = (HijackableProtocol, RawConnection, SSLProtocol)
    return [o for o in gc.get_objects() if isinstance(o, kinds)]


def status(sock: ssl.SSLSocket) -> int:
    """Of an answer, which is read to its end."""
    answer = http.client.HTTPResponse(sock)
    answer.begin()
    answer.read()
    return answer.status


def kept_request(api: ApiServer, sock: ssl.SSLSocket) -> None:
    for _ in range(2):
        sock.sendall(head(api, "GET", _CONFIG_MAPS) + b"\r\n")
        assert status(sock) == 200


def watch(api: ApiServer, sock: ssl.SSLSocket) -> None:
    sock.sendall(head(api, "GET", f"{_CONFIG_MAPS}?watch=1") + b"\r\n")
    assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")


def refused_request(api: ApiServer, sock: ssl.SSLSocket) -> None:
    sock.sendall(b"GET /api HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status(sock) == 401


def half_a_request(api: ApiServer, sock: ssl.SSLSocket) -> None:
    sock.sendall(head(api, "GET", _CONFIG_MAPS))


@pytest.mark.parametrize(
    "use",
    [kept_request, watch, refused_request, half_a_request],
    ids=lambda f: f.__name__,
)
def test_a_connection_that_has_ended_leaves_nothing(
    api: ApiServer,
    left: Callable[[], list[str]],
    use: Callable[[ApiServer, ssl.SSLSocket], None],
) -> None:
    """Its buffers go at once, and not when the garbage collector happens to run."""
    for _ in range(5):
        with connected(api) as sock:
            use(api, sock)

    eventually(lambda: left() == [])


def test_a_head_that_comes_in_drops_is_not_waited_for(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time begins with the connection, and no byte prolongs it."""
    monkeypatch.setitem(deadlines.SECONDS, Part.HEAD, 1)
    with connected(api) as sock:
        sock.settimeout(0.1)
        with pytest.raises((ConnectionError, ssl.SSLError)) as ended:
            for _ in range(100):
                sock.sendall(b"G")
                try:
                    if not sock.recv(1):
                        raise ConnectionResetError
                except TimeoutError:
                    continue
    assert not isinstance(ended.value, TimeoutError)


def test_a_body_that_does_not_come_is_not_waited_for(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an object is nothing."""
    monkeypatch.setitem(deadlines.SECONDS, Part.BODY, 1)
    with connected(api) as sock:
        sock.sendall(head(api, "POST", _CONFIG_MAPS, "Content-Length: 9") + b"\r\n{")
        assert sock.recv(1) == b""


def test_a_kept_connection_is_not_kept_for_ever(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that has nothing more to ask may come again."""
    monkeypatch.setitem(deadlines.SECONDS, Part.NEXT, 1)
    with connected(api) as sock:
        kept_request(api, sock)
        assert sock.recv(1) == b""


def test_a_watch_is_under_no_deadline(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is silent for as long as nothing happens."""
    for part in deadlines.SECONDS:
        monkeypatch.setitem(deadlines.SECONDS, part, 0.3)
    with connected(api) as sock:
        watch(api, sock)
        sock.settimeout(1)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_connections_above_the_limit_are_refused(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a Status and when to come back; those that are there go on."""
    monkeypatch.setattr(hijack, "MAX_CONNECTIONS", 2)
    first, second = connected(api), connected(api)
    kept_request(api, first)
    kept_request(api, second)

    with connected(api) as third:
        third.sendall(head(api, "GET", _CONFIG_MAPS) + b"\r\n")
        answer = http.client.HTTPResponse(third)
        answer.begin()
        assert answer.status == 429
        assert answer.getheader("Retry-After") == "5"
        assert "too many connections" in json.loads(answer.read())["message"]
    kept_request(api, first)
    second.close()
    eventually(lambda: _is_served(api))
    first.close()


def _is_served(api: ApiServer) -> bool:
    with connected(api) as sock:
        sock.sendall(head(api, "GET", _CONFIG_MAPS) + b"\r\n")
        return status(sock) == 200


def test_a_watch_whose_client_does_not_read_ends_with_410(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent before comes out whole; the client knows that it has to list."""
    monkeypatch.setattr(watches, "SEND_TIMEOUT_SECONDS", 0.5)
    # The client, too, may be slow on a busy machine.
    monkeypatch.setattr(hijack, "_CLOSE_SECONDS", 60.0)
    ended, finish = threading.Event(), hijack.finish

    def finished(scope: Scope, data: bytes) -> None:
        finish(scope, data)
        ended.set()

    monkeypatch.setattr(hijack, "finish", finished)
    client = api.client()
    for number in range(200):
        data = {"metadata": {"name": f"n-{number}"}, "data": {"text": "x" * 100_000}}
        client.create("configmaps", data, "default")
    client.close()
    with connected(api) as sock:
        sock.sendall(head(api, "GET", f"{_CONFIG_MAPS}?watch=1") + b"\r\n")
        assert ended.wait(60)
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        *added, last = [json.loads(line) for line in answer.read().splitlines()]

    assert {event["type"] for event in added} == {"ADDED"}
    assert len(added) < 200
    assert (last["type"], last["object"]["code"]) == ("ERROR", 410)
    assert last["object"]["reason"] == "Expired"


def test_little_is_held_for_a_watch_whose_client_does_not_read(
    api: ApiServer,
) -> None:
    """However long the list is: one batch, and what is on its way."""
    client = api.client()
    for number in range(200):
        data = {"metadata": {"name": f"n-{number}"}, "data": {"text": "x" * 100_000}}
        client.create("configmaps", data, "default")
    client.close()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        socks = [connected(api) for _ in range(10)]
        for sock in socks:
            sock.sendall(head(api, "GET", f"{_CONFIG_MAPS}?watch=1") + b"\r\n")
        time.sleep(2)
        now, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for sock in socks:
        sock.close()

    assert now - before < len(socks) * 1_000_000


def test_memory_is_given_back_when_many_connections_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Freed memory between what is still used stays with the process otherwise."""
    monkeypatch.setattr(serving, "_CLOSED_CONNECTIONS", 2)
    monkeypatch.setattr(serving, "_TICKS_BETWEEN_RELEASES", 1)
    relieved = threading.Event()
    certificate, key = self_signed(tmp_path)
    server = serving.Server(
        Starlette(),
        "127.0.0.1",
        0,
        certificate=certificate,
        key=key,
        release_memory=relieved.set,
    )
    server.start()
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    try:
        address = ("127.0.0.1", server.port)
        plain = [socket.create_connection(address, 10) for _ in range(2)]
        socks = [context.wrap_socket(sock) for sock in plain]
        assert not relieved.wait(0.5)
        for sock in socks:
            sock.close()
        assert relieved.wait(10)
    finally:
        server.stop(0)

"""The HTTPS server, by real connections: starting, stopping, upgrades and refusals."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from supervisor.api import deadlines, hijack
from supervisor.api.deadlines import Part
from supervisor.api.serving import Server
from tests.certificate import self_signed
from tests.fakes.node import FakeNode
from tests.fakes.pods_api import TOKEN, Pods, app, pod, serving
from tests.sockets import nodelay

PODS = "/api/v1/namespaces/default/pods"
SPDY = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


def connected(server: Server) -> http.client.HTTPSConnection:
    """A client that does not care who signed the certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(
        "127.0.0.1", server.port, timeout=20, context=context
    )


def answered(
    server: Server, path: str, method: str = "GET", **headers: str
) -> tuple[int, Any, http.client.HTTPMessage]:
    """Code, body and headers of a request with the token."""
    connection = connected(server)
    connection.request(
        method, path, headers={"Authorization": f"Bearer {TOKEN}"} | headers
    )
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, json.loads(body), response.headers


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something the server does becomes true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.02)


def seconds_to_stop(server: Server) -> float:
    """How long it takes to stop with much more grace than that."""
    began = time.monotonic()
    server.stop(20)
    return time.monotonic() - began


def routed(path: str, endpoint: Callable[[Request], Any]) -> ASGIApp:
    return Starlette(routes=[Route(path, endpoint, methods=["GET", "POST"])])


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    """The error names the address."""
    certificate, key = self_signed(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = Server(
            Starlette(), "127.0.0.1", port, certificate=certificate, key=key
        )
        with pytest.raises(OSError) as caught:
            server.start()
    expected = f"cannot listen on 127.0.0.1:{port}: Address already in use"
    assert str(caught.value) == expected


def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    """The error names the files."""
    missing = tmp_path / "missing.pem"
    server = Server(Starlette(), "127.0.0.1", 0, certificate=missing, key=missing)
    with pytest.raises(OSError, match=r"cannot use the certificate .*missing\.pem"):
        server.start()


def test_old_tls_is_refused(tmp_path: Path) -> None:
    """A client of TLS 1.1 is not served."""
    with serving(Starlette(), tmp_path) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(plain)


def test_stopping_cuts_endless_answers(tmp_path: Path) -> None:
    """A watch does not hold the stop up, nor does its client take it for complete."""

    async def endless(_: Request) -> Response:
        async def lines() -> AsyncIterator[bytes]:
            while True:
                yield b"line\n"
                await asyncio.sleep(0.05)

        return StreamingResponse(lines())

    with serving(routed("/", endless), tmp_path) as server:
        connection = connected(server)
        connection.request("GET", "/")
        watch = connection.getresponse()
        assert watch.readline() == b"line\n"
        assert seconds_to_stop(server) < 5
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            watch.read()


def test_stopping_lets_requests_end(tmp_path: Path) -> None:
    """A request under way is still answered."""
    asked, go_on = threading.Event(), threading.Event()

    def slow(_: Request) -> Response:
        asked.set()
        go_on.wait(10)
        return PlainTextResponse("done")

    with serving(routed("/", slow), tmp_path) as server:
        connection = connected(server)
        connection.request("GET", "/")
        assert asked.wait(10)
        threading.Timer(0.5, go_on.set).start()
        assert seconds_to_stop(server) < 5
        assert connection.getresponse().read() == b"done"


def test_clients_that_ask_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a request is not waited for without end."""
    monkeypatch.setitem(deadlines.SECONDS, Part.HEAD, 1)
    with serving(Starlette(), tmp_path) as server:
        connection = connected(server)
        connection.connect()
        connection.sock.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert connection.sock.recv(1) == b""


def test_answers_are_sent_at_once(tmp_path: Path) -> None:
    """The kernel does not hold the last part of an answer back (Nagle's algorithm)."""
    seen = []

    async def look(request: Request) -> Response:
        wire = hijack.take_over(request, [("Upgrade", "x")])
        seen.append(nodelay(wire._transport.get_extra_info("socket")))
        wire.close()
        return Response(status_code=101)

    with serving(routed("/", look), tmp_path) as server:
        connection = connected(server)
        connection.request("GET", "/", headers=SPDY | {"Upgrade": "x"})
        assert connection.sock.recv(1000).startswith(b"HTTP/1.1 101 ")
        connection.close()
    assert seen == [True]


def test_a_connection_that_is_taken_over(tmp_path: Path) -> None:
    """After the upgrade the handler has the bytes, and the server still stops."""

    async def echo(request: Request) -> Response:
        await request.body()
        wire = hijack.take_over(request, [("Connection", "Upgrade"), ("Upgrade", "x")])
        while data := await wire.read():
            await wire.write(data)
        return Response(status_code=101)

    with serving(routed("/", echo), tmp_path) as server:
        connection = connected(server)
        connection.request("POST", "/", headers=SPDY | {"Upgrade": "x"})
        sock = connection.sock
        head = sock.recv(1000)
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        text = os.urandom(2_000_000)
        threading.Thread(target=sock.sendall, args=(text,), daemon=True).start()
        received = b""
        while len(received) < len(text):
            received += sock.recv(65536)
        assert received == text
        assert seconds_to_stop(server) < 5
        assert sock.recv(1) == b""


def test_a_client_that_leaves_while_nobody_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a connection is noticed, though its input is not taken."""
    monkeypatch.setattr(hijack, "_HANGUP_CHECK_SECONDS", 0.1)
    taken: list[hijack.RawConnection] = []

    async def ignore(request: Request) -> Response:
        taken.append(hijack.take_over(request, [("Upgrade", "x")]))
        return Response(status_code=101)

    with serving(routed("/", ignore), tmp_path) as server:
        connection = connected(server)
        connection.request("GET", "/", headers=SPDY | {"Upgrade": "x"})
        sock = connection.sock
        assert sock.recv(1000).startswith(b"HTTP/1.1 101 ")
        sock.sendall(bytes(300_000))
        sock.close()
        eventually(lambda: [wire.is_lost for wire in taken] == [True])


@pytest.mark.parametrize("upgrade", [WEBSOCKET, SPDY])
@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        ("gone/exec?command=ls&stdout=1", 404, 'pods "gone" not found'),
        ("two/exec?command=ls&stdout=1", 400, "choose one of: [a b]"),
        ("web/exec?command=ls", 400, "at least 1 of stdin, stdout, stderr"),
        ("web/exec?stdout=1", 400, "at least one command"),
        ("web/attach?container=x&stdout=1", 400, "container x is not valid for pod"),
        ("new/portforward", 400, "pod new does not have a host assigned"),
    ],
)
def test_refusals_before_the_upgrade(
    tmp_path: Path, upgrade: dict[str, str], path: str, code: int, text: str
) -> None:
    """What cannot be done is a Status, whichever upgrade was asked for."""
    pods = Pods([pod("web", "app"), pod("two", "a", "b"), pod("new", "a", node="")])
    method = "POST" if upgrade is SPDY else "GET"
    with serving(app(pods, FakeNode()), tmp_path) as server:
        found, body, _ = answered(server, f"{PODS}/{path}", method, **upgrade)
    assert (found, body["kind"], body["code"]) == (code, "Status", code)
    assert text in body["message"]


@pytest.mark.parametrize(
    ("headers", "code", "text"),
    [
        ({}, 400, "Upgrade request required"),
        (SPDY | {"Upgrade": "h2c"}, 400, "must be websocket or SPDY/3.1"),
        (WEBSOCKET | {"Sec-WebSocket-Version": "8"}, 400, "it must be 13"),
        (WEBSOCKET | {"Sec-WebSocket-Key": "x"}, 400, "16 bytes in base64"),
        (
            WEBSOCKET | {"Sec-WebSocket-Protocol": "v9"},
            403,
            "client supports [v9], server accepts [v5.channel.k8s.io v4.channel.k8s.io",
        ),
        ({"Authorization": "Bearer wrong"}, 401, "Unauthorized"),
        (WEBSOCKET | {"Authorization": "Bearer wrong"}, 401, "Unauthorized"),
    ],
)
def test_upgrades_that_are_refused(
    tmp_path: Path, headers: dict[str, str], code: int, text: str
) -> None:
    """A request that asks for nothing we speak, or without the token, gets a Status."""
    node = FakeNode()
    with serving(app(Pods([pod("web", "app")]), node), tmp_path) as server:
        path = f"{PODS}/web/exec?command=ls&stdout=1"
        found, body, _ = answered(server, path, **headers)
    assert found == code
    assert text in body["message"]
    assert node.sessions == []


def test_more_streams_than_allowed(tmp_path: Path) -> None:
    """The stream above the limit is a 429 that says when to come back."""
    node = FakeNode()
    node.log.write(b"line\n")
    pods = Pods([pod("web", "app")])
    with serving(app(pods, node, max_streams=1), tmp_path) as server:
        following = connected(server)
        token = {"Authorization": f"Bearer {TOKEN}"}
        following.request("GET", f"{PODS}/web/log?follow=true", headers=token)
        assert following.getresponse().readline() == b"line\n"
        code, body, headers = answered(server, f"{PODS}/web/log")
        assert code == 429
        assert "there are already 1 open streams" in body["message"]
        assert headers["Retry-After"] == "5"
        following.close()


def test_a_log_that_fails_midway(tmp_path: Path) -> None:
    """A client can tell a log that was cut short from one that is complete."""
    node = FakeNode()
    node.log.write(b"line\n")
    with serving(app(Pods([pod("web", "app")]), node), tmp_path) as server:
        reading = connected(server)
        token = {"Authorization": f"Bearer {TOKEN}"}
        reading.request("GET", f"{PODS}/web/log?follow=true", headers=token)
        response = reading.getresponse()
        assert response.readline() == b"line\n"
        node.log.fail(OSError("the engine is away"))
        with pytest.raises((http.client.IncompleteRead, OSError)):
            response.read()


def test_a_slow_reader_slows_the_log_down(tmp_path: Path) -> None:
    """Lines that the client does not take stay on the node."""
    node = FakeNode()
    for _ in range(2000):
        node.log.write(bytes(32_768))
    with serving(app(Pods([pod("web", "app")]), node), tmp_path) as server:
        reading = connected(server)
        token = {"Authorization": f"Bearer {TOKEN}"}
        reading.request("GET", f"{PODS}/web/log", headers=token)
        response = reading.getresponse()
        (stream,) = node.log.streams
        seen = -1
        while seen != stream.taken:
            seen = stream.taken
            time.sleep(0.3)
        assert seen < 1000
        assert len(response.read()) == 2000 * 32_768
        eventually(lambda: stream.closed)

"""Single network probes against real servers on loopback: what each answer means."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from supervisor.model.pod import HttpGetAction, HttpHeader
from supervisor.probing import grpc, http, tcp
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.reach import Way
from tests.certificate import self_signed
from tests.grpc_health import health_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def run(work: Coroutine[Any, Any, Attempt]) -> Attempt:
    return asyncio.run(work)


@contextmanager
def server(
    answer: Callable[[bytes], bytes | None], *, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[bytes]]]:
    """A server that gives `answer(request)` or, on None, hangs; what it was asked."""
    asked: list[bytes] = []
    stop = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve_one(peer: socket.socket) -> None:
            with closing(peer):
                request = peer.recv(65536)
                asked.append(request)
                reply = answer(request)
                if reply is None:
                    stop.wait(10)
                else:
                    peer.sendall(reply)

        def serve() -> None:
            while not stop.is_set():
                try:
                    peer, _ = listener.accept()
                    if tls:
                        peer = tls.wrap_socket(peer, server_side=True)
                    serve_one(peer)
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def here(port: int) -> Way:
    return Way("127.0.0.1", port)


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


def get(
    port: int,
    path: str = "/",
    *,
    scheme: str = "HTTP",
    headers: tuple[HttpHeader, ...] = (),
    timeout: float = 2,
) -> Attempt:
    action = HttpGetAction(port, path=path, scheme=scheme, http_headers=headers)
    first = http.request(action, "127.0.0.1", port, way=here)
    return run(http.probe(first, timeout))


@pytest.mark.parametrize("status", [200, 204, 399])
def test_200_to_399_is_well(status: int) -> None:
    """Any status in that range passes."""
    with server(lambda _: b"HTTP/1.1 %d X\r\n\r\n" % status) as (port, _):
        assert get(port).outcome in (Outcome.SUCCESS, Outcome.WARNING)


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_400_and_above_fails_and_names_the_code(status: int) -> None:
    """The text is upstream's, which users search for."""
    with server(lambda _: b"HTTP/1.1 %d X\r\n\r\n" % status) as (port, _):
        assert get(port) == Attempt(
            Outcome.FAILURE, f"HTTP probe failed with statuscode: {status}"
        )


def test_the_request_is_the_kubelets() -> None:
    """Agent, Accept and Host are sent, and the connection is not kept."""
    with server(lambda _: OK) as (port, asked):
        get(port, "/a b?c=d%20e")
    lines = asked[0].decode().split("\r\n")

    assert lines[:4] == [
        "GET /a%20b?c=d%20e HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: kube-probe/1.32",
        "Accept: */*",
    ]
    assert "Connection: close" in lines


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("", "/"),
        ("health", "/health"),
        ("/a?b=c#d", "/a?b=c"),
        ("/100%", "/100%25"),
        ("/100%?b#c", "/100%25%3Fb%23c"),
        ("/ä", "/%C3%A4"),
    ],
)
def test_a_path_is_sent_as_a_url_is(path: str, target: str) -> None:
    """Without its fragment; what is no URL is escaped as a path."""
    with server(lambda _: OK) as (port, asked):
        get(port, path)

    assert asked[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


def test_given_headers_replace_the_usual_ones() -> None:
    """Repeated names are all sent; an empty Accept removes the header."""
    headers = (
        HttpHeader("Host", "kubia.example"),
        HttpHeader("Accept", ""),
        HttpHeader("X-Color", "red"),
        HttpHeader("X-Color", "blue"),
    )
    with server(lambda _: OK) as (port, asked):
        get(port, headers=headers)
    text = asked[0].decode()

    assert "Host: kubia.example" in text
    assert "127.0.0.1" not in text
    assert "Accept" not in text
    assert text.count("X-Color") == 2


def test_a_refused_connection_fails() -> None:
    """Nobody listens yet, or no more."""
    port = closed_port()

    assert get(port) == Attempt(
        Outcome.FAILURE,
        f'Get "http://127.0.0.1:{port}/": dial tcp 127.0.0.1:{port}: '
        "connect: connection refused",
    )


def test_a_server_that_says_nothing_fails_at_the_timeout() -> None:
    """The limit covers the whole exchange."""
    with server(lambda _: None) as (port, _):
        attempt = get(port, timeout=0.2)

    assert attempt.outcome is Outcome.FAILURE
    assert attempt.output.endswith(
        "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    )


def test_a_body_that_breaks_off_is_an_error_and_no_failure() -> None:
    """The head has come, so the server lives; Kubernetes does not count this."""
    with server(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx") as (
        port,
        _,
    ):
        assert get(port) == Attempt(Outcome.ERROR, "unexpected EOF")


def test_a_connection_closed_without_an_answer_fails() -> None:
    """EOF instead of a head."""
    with server(lambda _: b"") as (port, _):
        assert get(port).output == f'Get "http://127.0.0.1:{port}/": EOF'


def test_something_else_than_http_fails_and_shows_what_came() -> None:
    """A probe of the wrong port is easy to recognize."""
    with server(lambda _: b"SSH-2.0-OpenSSH_9.2\r\n") as (port, _):
        attempt = get(port)

    assert attempt.outcome is Outcome.FAILURE
    assert "malformed HTTP response 'SSH-2.0-OpenSSH_9.2'" in attempt.output


def test_redirects_on_the_same_host_are_followed() -> None:
    """What counts is the answer at the end of the chain."""

    def answer(request: bytes) -> bytes:
        if request.startswith(b"GET /end"):
            return b"HTTP/1.1 500 X\r\n\r\n"
        return b"HTTP/1.1 302 Found\r\nLocation: /end?x=1\r\n\r\n"

    with server(answer) as (port, asked):
        attempt = get(port)

    assert attempt.output == "HTTP probe failed with statuscode: 500"
    assert asked[1].startswith(b"GET /end?x=1 HTTP/1.1")


def test_a_redirect_to_another_host_is_a_warning() -> None:
    """It is not followed, and counts as success."""
    away = b"HTTP/1.1 302 X\r\nLocation: http://example.com/\r\n\r\nmove"
    with server(lambda _: away) as (port, asked):
        attempt = get(port)

    assert attempt == Attempt(
        Outcome.WARNING, "Probe terminated redirects, Response body: move"
    )
    assert len(asked) == 1


def test_ten_redirects_are_too_many() -> None:
    """A loop ends as a failure."""
    with server(lambda _: b"HTTP/1.1 301 X\r\nLocation: /\r\n\r\n") as (port, asked):
        attempt = get(port)

    assert attempt.output.endswith("stopped after 10 redirects")
    assert len(asked) == 10


def test_https_is_asked_without_looking_at_the_certificate(tmp_path: Path) -> None:
    """A self-signed certificate of another name passes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    with server(lambda _: OK, tls=context) as (port, _):
        assert get(port, scheme="HTTPS").outcome is Outcome.SUCCESS


def test_https_asked_of_a_plain_server_says_so() -> None:
    """The usual mistake gets the usual text."""
    with server(lambda _: b"HTTP/1.1 400 Bad\r\n\r\n") as (port, _):
        attempt = get(port, scheme="HTTPS")

    assert attempt.outcome is Outcome.FAILURE
    assert "server gave HTTP response to HTTPS client" in attempt.output


def test_tcp_is_well_when_the_port_accepts() -> None:
    """Nothing is sent or read."""
    with server(lambda _: OK) as (port, _):
        assert run(tcp.probe(here(port), 1)).outcome is Outcome.SUCCESS


def test_tcp_fails_when_nobody_listens() -> None:
    """The text is that of a Go dial."""
    port = closed_port()

    assert run(tcp.probe(here(port), 1)) == Attempt(
        Outcome.FAILURE, f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    )


def test_grpc_of_a_closed_port_fails_to_connect() -> None:
    """The text names the service's address."""
    port = closed_port()
    attempt = run(grpc.probe(here(port), "", 1))

    assert attempt.output.startswith(
        f'error: failed to connect service at "127.0.0.1:{port}": dial tcp'
    )


def test_grpc_of_a_server_that_hangs_fails_at_the_timeout() -> None:
    """Connected but without an answer is told apart from not connected."""
    with server(lambda _: None) as (port, _):
        attempt = run(grpc.probe(here(port), "", 0.2))

    assert attempt == Attempt(
        Outcome.FAILURE, "timeout: health rpc did not complete within 0.2s"
    )


def test_grpc_of_an_http_server_fails() -> None:
    """HTTP/1 is no gRPC."""
    with server(lambda _: OK) as (port, _):
        attempt = run(grpc.probe(here(port), "", 1))

    assert attempt.outcome is Outcome.FAILURE
    assert attempt.output.startswith("error: health rpc probe failed: ")


@pytest.mark.parametrize("service", ["", "web"])
def test_grpc_is_well_when_the_service_serves(service: str) -> None:
    """A real gRPC server says SERVING for the server as a whole and for a service."""
    with health_server({"": True, "web": True}) as port:
        attempt = run(grpc.probe(here(port), service, 2))

    assert attempt.outcome is Outcome.SUCCESS


def test_grpc_fails_when_the_service_does_not_serve() -> None:
    """NOT_SERVING is told in upstream's words."""
    with health_server({"": True, "web": False}) as port:
        attempt = run(grpc.probe(here(port), "web", 2))

    assert attempt == Attempt(
        Outcome.FAILURE, 'service unhealthy (responded with "NOT_SERVING")'
    )


def test_grpc_fails_for_a_service_that_nobody_knows() -> None:
    """An unknown service is an rpc error, which fails the probe."""
    with health_server({"": True}) as port:
        attempt = run(grpc.probe(here(port), "nobody", 2))

    assert attempt.output.startswith("error: health rpc probe failed: rpc error")


def test_grpc_without_the_health_protocol_says_so() -> None:
    """A gRPC server that does not implement it is told apart."""
    with health_server(None) as port:
        attempt = run(grpc.probe(here(port), "", 2))

    assert attempt.output.startswith(
        "error: this server does not implement the grpc health protocol"
    )

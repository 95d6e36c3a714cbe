"""HTTP hooks: what counts as an answer, and what is asked."""

import threading

import pytest

from supervisor.agent.pods.execute.hooks import HookFailed, Hooks, Place
from supervisor.model.pod import (
    Container,
    HttpGetAction,
    HttpHeader,
    LifecycleHandler,
)
from supervisor.probing.base import Outcome
from supervisor.runtime.reach import PodAddress
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime
from tests.go_client.answers import PLAIN, Answer, head, to
from tests.go_client.server import serving
from tests.integration.test_probe_attempts import server

WELL = [
    b"HTTP/1.1 500 Not now\r\n\r\n",
    b"HTTP/1.1 200 OK\n\nok",
    head(*[b"A: b"] * 1000),
    PLAIN[:-1],
    to(b"/end"),
    to(b"http://other.example/"),
]
BAD = [b"", b"SSH-2.0-OpenSSH_9.2\r\n", head(b"nonsense"), to(b"/")]


def call(port: int, *headers: HttpHeader, scheme: str = "HTTP") -> None:
    action = HttpGetAction(port, scheme=scheme, http_headers=headers)
    address = PodAddress("127.0.0.1")
    place = Place(Container("app"), "id", address, threading.Event())
    hooks = Hooks(FakeRuntime(FakeClock()))
    hooks.run(LifecycleHandler(http_get=action), place, 10)


@pytest.mark.parametrize("sent", WELL, ids=lambda s: repr(s[:30]))
def test_any_answer_is_a_success(sent: bytes) -> None:
    """Whatever its status and its body, as far as it is HTTP to Go's client."""
    with serving(Answer("", sent, Outcome.SUCCESS)) as port:
        call(port)


@pytest.mark.parametrize("sent", BAD, ids=lambda s: repr(s[:30]))
def test_what_is_no_answer_is_a_failure(sent: bytes) -> None:
    """Nothing, another protocol, and redirects without an end."""
    with (
        serving(Answer("", sent, Outcome.SUCCESS)) as port,
        pytest.raises(HookFailed, match=r"HTTP lifecycle hook \(http://"),
    ):
        call(port)


def test_the_hooks_own_headers_are_all_sent() -> None:
    """Of the same name, too; and it says that it is a hook."""
    with server(lambda _: PLAIN) as (port, asked):
        call(port, HttpHeader("X-Color", "red"), HttpHeader("X-Color", "blue"))

    assert asked[0].count(b"X-Color") == 2
    assert b"User-Agent: kube-lifecycle/" in asked[0]


def test_a_server_that_speaks_no_tls_is_asked_in_plain() -> None:
    """Without the password that was meant for TLS."""
    secret = HttpHeader("Authorization", "Basic c2VjcmV0")

    def answer(request: bytes) -> bytes:
        is_http = request.startswith(b"GET")
        return PLAIN if is_http else b"HTTP/1.0 400 Bad Request\r\n\r\n"

    with server(answer) as (port, asked):
        call(port, secret, scheme="HTTPS")

    assert len(asked) == 2
    assert b"Authorization" not in asked[1]

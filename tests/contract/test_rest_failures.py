"""What the REST client says when there is no proper answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from supervisor.client.base import WriteOptions
from supervisor.client.rest import RestClient
from supervisor.client.unreachable import Unreachable
from supervisor.model.errors import ApiError
from tests.api_server import TOKEN, serving


@contextmanager
def answering(*pieces: bytes) -> Iterator[str]:
    """A server that answers its first request with these bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for piece in pieces:
                    connection.sendall(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(text: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(text), text)


def test_a_watch_that_breaks_is_an_error() -> None:
    """After what was whole; the reader lists again."""
    event = b'{"type":"ADDED","object":{"kind":"Pod"}}\n'
    with answering(HEAD, chunk(event), b"99\r\nhalf") as url:
        events = iter(RestClient(url).watch("pods", since="1"))

        assert next(events).type == "ADDED"
        with pytest.raises(Unreachable):
            next(events)


def test_a_watch_that_the_server_ends_is_over() -> None:
    """Without an error."""
    with answering(HEAD, b"0\r\n\r\n") as url:
        assert list(RestClient(url).watch("pods", since="1")) == []


def test_an_event_may_come_in_pieces() -> None:
    """Chunks are not lines."""
    pieces = [b'{"type":"ADDED","obj', b'ect":{"kind":"Pod"}}\n{"type":"DELETED",',
              b'"object":{"kind":"Pod"}}\n']  # fmt: skip
    with answering(HEAD, *map(chunk, pieces), b"0\r\n\r\n") as url:
        events = RestClient(url).watch("pods", since="1")

        assert [event.type for event in events] == ["ADDED", "DELETED"]


def test_an_expired_watch_raises_however_it_is_told() -> None:
    """Kubernetes sends it as an event."""
    event = (
        b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'
    )
    with answering(HEAD, chunk(event)) as url:
        with pytest.raises(ApiError) as caught:
            list(RestClient(url).watch("pods", since="1"))

    assert (caught.value.code, caught.value.reason) == (410, "Expired")


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops", 502, "oops"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops", 502, "answered 200"),
        (
            b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
            502,
            "301",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", 502, "not a JSON object"),
        (b"nonsense\r\n\r\n", 503, "cannot be reached"),
        (b"", 503, "cannot be reached"),
    ],
)
def test_other_answers_are_readable_errors(answer: bytes, code: int, text: str) -> None:
    """Whoever answers there is no API."""
    with answering(answer) as url:
        with pytest.raises(ApiError) as caught:
            RestClient(url).get("pods", "a", "default")

    assert caught.value.code == code
    assert text in caught.value.message


def test_a_silent_server_is_given_up() -> None:
    """After the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = RestClient(
            f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2
        )

        with pytest.raises(Unreachable) as caught:
            client.list("pods")

    assert caught.value.detail == "no answer in time"


def test_tokens_travel_over_tls_only() -> None:
    """As with kubectl, which would not send one either."""
    assert "Authorization" not in RestClient("http://h", token="t").connection.headers
    assert "Authorization" in RestClient("https://h", token="t").connection.headers


def test_the_environment_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither proxies nor certificate variables come between."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    with serving(tmp_path) as server:
        client = RestClient(server.url, token=TOKEN, ca=tmp_path / "ca.crt")

        assert client.list("namespaces").items


def test_warnings_of_the_server_are_collected(tmp_path: Path) -> None:
    """Each by itself, quotes and all."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "one": 1,
        "two": 2,
    }
    options = WriteOptions("Warn")
    with serving(tmp_path) as server:
        server.client().create("configmaps", body, "default", options)

    assert options.warnings == ['unknown field "one"', 'unknown field "two"']

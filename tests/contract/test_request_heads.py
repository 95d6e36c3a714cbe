"""Request heads as no good client sends them, through a real server."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.api_server import TOKEN, ApiServer, serving

_HEAD = f"Host: a\r\nAuthorization: Bearer {TOKEN}\r\n"
_SMUGGLED = "GET /version HTTP/1.1\r\n" + _HEAD + "\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """One server for all requests."""
    with serving(Path(tmp_path_factory.mktemp("server"))) as made:
        yield made


def codes(server: ApiServer, text: str) -> list[str]:
    """The status codes of all answers to these bytes, until the server ends."""
    parts = urlsplit(server.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((parts.hostname, parts.port), 10) as plain,
        context.wrap_socket(plain) as wire,
    ):
        wire.settimeout(10)
        with contextlib.suppress(ssl.SSLEOFError, ConnectionError):
            # A server that refuses the head may close before it has all of it.
            wire.sendall(text.encode("latin-1"))
        wire.settimeout(3)
        heard = b""
        try:
            while piece := wire.recv(65536):
                heard += piece
        except TimeoutError:
            heard += b"(still open)"
        except (ssl.SSLEOFError, ConnectionError):
            pass
    answers = heard.split(b"HTTP/1.1 ")[1:]
    return [a[:3].decode() for a in answers] + ["open"] * heard.endswith(b"open)")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n"),
        ("Content-Length: 0\r\nContent-Length: 5\r\n", ""),
        ("Content-Length: 0, 5\r\n", ""),
        ("Content-Length: +0\r\n", ""),
        ("Content-Length: -1\r\n", ""),
        ("Content-Length: 0x0\r\n", ""),
        ("Content-Length: 1e1\r\n", ""),
        ("Content-Length : 0\r\n", ""),
        ("Content-Length: 99999999999999999999999\r\n", ""),
        ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("X-A: a\0b\r\n", ""),
        ("X A: a\r\n", ""),
        ("X-A\r\n", ""),
        (": a\r\n", ""),
        ("Host: b\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", "0\n\n"),
        ("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n"),
    ],
)
def test_a_request_whose_end_is_unclear_is_refused(
    server: ApiServer, head: str, body: str
) -> None:
    """One answer, and what follows on the connection is not read as a request."""
    request = f"POST /api/v1/namespaces HTTP/1.1\r\n{_HEAD}{head}\r\n{body}{_SMUGGLED}"

    found = codes(server, request)

    assert found == ["400"] or (found == [] and body)


@pytest.mark.parametrize("encoding", ["gzip, chunked", "identity", "chunked, chunked"])
def test_an_encoding_that_is_not_served_is_refused(
    server: ApiServer, encoding: str
) -> None:
    """Whatever else stands in the connection."""
    head = f"{_HEAD}Transfer-Encoding: {encoding}\r\n"

    found = codes(server, f"POST /api HTTP/1.1\r\n{head}\r\n0\r\n\r\n{_SMUGGLED}")

    assert len(found) == 1
    assert found[0] in ("400", "501")


def test_an_old_client_cannot_send_chunks(server: ApiServer) -> None:
    """HTTP/1.0 does not know them."""
    head = f"{_HEAD}Transfer-Encoding: chunked\r\n"

    found = codes(server, f"POST /api HTTP/1.0\r\n{head}\r\n0\r\n\r\n{_SMUGGLED}")

    assert found == ["400"]


def test_a_head_that_is_too_long_is_refused(server: ApiServer) -> None:
    """It is not kept in memory until it ends, if it ever does."""
    found = codes(server, f"GET /api HTTP/1.1\r\n{_HEAD}X-A: {'a' * 400_000}\r\n\r\n")

    assert found in (["400"], [])


def test_what_go_reads_is_read(server: ApiServer) -> None:
    """A folded header line, bare newlines, and the same length said twice."""
    folded = (
        f"GET /version HTTP/1.1\r\n{_HEAD}X-A: a\r\n b\r\nConnection: close\r\n\r\n"
    )
    twice = (
        f"POST /api HTTP/1.1\r\n{_HEAD}Content-Length: 0\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n"
    )

    assert codes(server, folded) == ["200"]
    assert codes(server, folded.replace("\r\n", "\n")) == ["200"]
    assert codes(server, twice)[0] in ("404", "405")

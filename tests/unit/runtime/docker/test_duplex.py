"""Connections whose directions end one after the other, with TLS and without."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.connection.duplex import Duplex, PlainDuplex, TlsDuplex
from supervisor.runtime.docker.streams.hijack import CutOff, Hijacked, OutOfTime
from tests.certificate import self_signed
from tests.go_tls import GoTls

Server = socket.socket | GoTls
MUCH = bytes(range(256)) * 16384
"""More than the buffers of a connection hold."""
_VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}


@pytest.fixture(params=["plain", *_VERSIONS])
def ends(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Duplex, Server]]:
    """Our end of a connection, and the server's."""
    near, far = _connected()
    if request.param == "plain":
        yield PlainDuplex(near), far
    else:
        yield _tls(near, far, tmp_path, _VERSIONS[request.param])
    near.close()
    far.close()


def _connected() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname(), 10)
        far, _ = listener.accept()
    far.settimeout(10)
    return near, far


def _tls(
    near: socket.socket, far: socket.socket, folder: Path, version: ssl.TLSVersion
) -> tuple[Duplex, Server]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*self_signed(folder))
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.maximum_version = client.minimum_version = version
    with ThreadPoolExecutor(1) as pool:
        far_end = pool.submit(GoTls, far, server)
        near_end = TlsDuplex(near, client, "test")
        return near_end, far_end.result()


def _read_all(stream: Hijacked) -> bytes:
    data = b""
    while piece := stream.read(10):
        data += piece
    return data


def _behind(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_what_arrived_before_our_end_is_not_lost(ends: tuple[Duplex, Server]) -> None:
    """The output that is on its way when the input ends comes out whole."""
    stream, server = Hijacked(ends[0]), ends[1]
    server.sendall(b"first")
    assert stream.read(10) == b"first"
    server.sendall(b"in flight ")
    assert select.select([ends[0].sock], [], [], 10)[0]

    stream.close_write()
    server.sendall(b"and later")
    assert server.recv(1) == b""
    server.close()

    assert _read_all(stream) == b"in flight and later"


def test_the_rest_of_the_output_follows_our_end(ends: tuple[Duplex, Server]) -> None:
    """A program may answer only after its input has ended."""
    stream, server = Hijacked(ends[0]), ends[1]

    def serve() -> None:
        received = b""
        while piece := server.recv(1 << 16):
            received += piece
        server.sendall(received)
        server.close()

    serving = _behind(serve)
    stream.write(MUCH)
    stream.close_write()

    assert _read_all(stream) == MUCH
    serving.join(10)


def test_both_directions_at_once(ends: tuple[Duplex, Server]) -> None:
    """More than any buffer holds goes in while as much comes out."""
    stream, server = Hijacked(ends[0]), ends[1]

    def echo() -> None:
        while piece := server.recv(1 << 16):
            server.sendall(piece)
        server.close()

    def feed() -> None:
        stream.write(MUCH)
        stream.close_write()

    echoing, feeding = _behind(echo), _behind(feed)

    assert _read_all(stream) == MUCH
    feeding.join(10)
    echoing.join(10)


def test_an_end_before_ours(ends: tuple[Duplex, Server]) -> None:
    """Its output is read to the end; ending ours afterwards is no error."""
    stream, server = Hijacked(ends[0]), ends[1]
    server.sendall(MUCH[:1000])
    server.close()

    assert _read_all(stream) == MUCH[:1000]
    stream.close_write()
    assert stream.read(10) == b""


def test_a_reset_is_told_from_an_end(ends: tuple[Duplex, Server]) -> None:
    """Whether the output was all of it is for the reader to find out."""
    stream, server = Hijacked(ends[0]), ends[1]
    stream.write(MUCH[:1000])
    if isinstance(server, GoTls):
        server.cut()
    else:
        server.close()

    with pytest.raises(CutOff):
        _read_all(stream)


def test_a_read_has_a_deadline(ends: tuple[Duplex, Server]) -> None:
    """A silent engine holds nobody up for longer."""
    stream = Hijacked(ends[0])

    with pytest.raises(OutOfTime):
        stream.read(0.01)


def test_closing_ends_a_blocked_read(ends: tuple[Duplex, Server]) -> None:
    """From another thread, and quietly."""
    stream = Hijacked(ends[0])
    read = list[bytes]()
    reading = _behind(lambda: read.append(stream.read()))

    stream.close()

    reading.join(10)
    assert read == [b""]
    with suppress(EngineUnavailable):
        stream.write(b"more")


def test_tls_that_ends_without_a_word_was_cut_off(tmp_path: Path) -> None:
    """What came before must not pass for the whole output."""
    near, far = _connected()
    ours, server = _tls(near, far, tmp_path, ssl.TLSVersion.TLSv1_3)
    stream = Hijacked(ours)
    server.sendall(b"half of")
    assert isinstance(server, GoTls)
    server.cut()

    assert stream.read(10) == b"half of"
    with pytest.raises(CutOff, match="cut off"):
        stream.read(10)
    stream.close()


def test_a_certificate_that_is_not_trusted_ends_the_handshake(tmp_path: Path) -> None:
    """With the library's reason, and an alert for the server."""
    near, far = _connected()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*self_signed(tmp_path))
    with ThreadPoolExecutor(1) as pool:
        far_end = pool.submit(GoTls, far, server)
        with near, pytest.raises(ssl.SSLCertVerificationError):
            TlsDuplex(near, ssl.create_default_context(), "test")
        error = far_end.exception(10)
    far.close()

    assert isinstance(error, ssl.SSLError) and "UNKNOWN_CA" in str(error.reason)

"""gRPC probes: success if the health service answers SERVING.

An attempt is one unary call of grpc.health.v1.Health/Check over plaintext HTTP/2. h2
implements the protocol; the two messages have a single field each.
Follows pkg/probe/grpc/grpc.go and the gRPC health checking protocol.
"""

import asyncio

from supervisor.probing import dial
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.reach import Way

_OK, _UNIMPLEMENTED = "0", "12"
_STATUS = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
_CODES = (
    *("OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound"),
    *("AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition"),
    *("Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss"),
    "Unauthenticated",
)
_USER_AGENT = "kube-probe/1.32"


async def probe(way: Way, service: str, timeout: float) -> Attempt:
    """Check `service` ("" is the whole server) within `timeout` seconds."""
    where = dial.address(way.host, way.port)
    connected = False
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await _open(way)
            try:
                connected = True
                return _judge(where, await _check(reader, writer, where, service))
            finally:
                writer.transport.abort()
    except TimeoutError:
        text = f"timeout: health rpc did not complete within {timeout:g}s"
        if not connected:
            text = (
                f'timeout: failed to connect service "{where}" within {timeout:g}s: '
                "context deadline exceeded"
            )
    except _Broken as error:
        text = f"error: health rpc probe failed: {error}"
    except OSError as error:
        reason = dial.failure(way.host, way.port, error)
        text = f'error: failed to connect service at "{where}": {reason}'
    return Attempt(Outcome.FAILURE, text, answered=False)


async def _open(way: Way) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await way.open(lambda: protocol)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


class _Broken(Exception):
    """The connection ended, or the answer is not gRPC."""


class _Reply:
    """The server's answer so far."""

    def __init__(self) -> None:
        self.http_status = ""
        self.grpc_status = ""
        self.grpc_message = ""
        self.data = b""
        self.ended = False


def _judge(where: str, reply: _Reply) -> Attempt:
    if reply.http_status != "200":
        text = f"unexpected HTTP status code received from server: {reply.http_status}"
        return _failed(f"error: health rpc probe failed: {text}")
    if reply.grpc_status == _UNIMPLEMENTED:
        return _failed(
            "error: this server does not implement the grpc health protocol "
            f"(grpc.health.v1.Health): {reply.grpc_message}"
        )
    if reply.grpc_status != _OK:
        code, message = _code(reply.grpc_status), reply.grpc_message
        return _failed(
            f"error: health rpc probe failed: rpc error: code = {code} desc = {message}"
        )
    serving = _serving_status(reply.data)
    if serving != "SERVING":
        return _failed(f'service unhealthy (responded with "{serving}")')
    return Attempt(Outcome.SUCCESS, f"service healthy at {where}")


def _code(number: str) -> str:
    known = number.isdigit() and int(number) < len(_CODES)
    return _CODES[int(number)] if known else f"Code({number})"


def _failed(text: str) -> Attempt:
    return Attempt(Outcome.FAILURE, text)


def _serving_status(message: bytes) -> str:
    """The field of a HealthCheckResponse, after gRPC's five-byte prefix."""
    payload = message[5:]
    if not payload:
        return _STATUS[0]
    if payload[0] != 0x08 or len(payload) < 2:
        return "malformed answer"
    return _STATUS.get(payload[1], str(payload[1]))


def _health_check_request(service: str) -> bytes:
    name = service.encode()
    size, rest = [], len(name)
    while rest > 0x7F:
        size.append(rest & 0x7F | 0x80)
        rest >>= 7
    payload = bytes([0x0A, *size, rest]) + name if name else b""
    return b"\0" + len(payload).to_bytes(4, "big") + payload


async def _check(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    where: str,
    service: str,
) -> _Reply:
    # Imported here: most daemons never probe gRPC, and h2 takes memory.
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.exceptions import ProtocolError

    connection = H2Connection(H2Configuration(header_encoding="utf-8"))
    connection.initiate_connection()
    stream = connection.get_next_available_stream_id()
    connection.send_headers(stream, _headers(where))
    connection.send_data(stream, _health_check_request(service), end_stream=True)
    reply = _Reply()
    try:
        while not reply.ended:
            writer.write(connection.data_to_send())
            data = await reader.read(65536)
            if not data:
                raise _Broken("connection closed before the answer")
            for event in connection.receive_data(data):
                _note(reply, event)
    except ProtocolError as error:
        raise _Broken(f"not an HTTP/2 server: {error}") from None
    return reply


def _headers(where: str) -> list[tuple[str, str]]:
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/grpc.health.v1.Health/Check"),
        (":authority", where),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("user-agent", _USER_AGENT),
    ]


def _note(reply: _Reply, event: object) -> None:
    from h2 import events

    match event:
        case events.ResponseReceived() | events.TrailersReceived():
            headers = {_text(name): _text(value) for name, value in event.headers}
            reply.http_status = headers.get(":status", reply.http_status)
            reply.grpc_status = headers.get("grpc-status", reply.grpc_status)
            reply.grpc_message = headers.get("grpc-message", reply.grpc_message)
        case events.DataReceived():
            reply.data += event.data
        case events.StreamEnded():
            reply.ended = True
        case events.StreamReset() | events.ConnectionTerminated():
            raise _Broken(f"the server ended the call (code {event.error_code})")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")

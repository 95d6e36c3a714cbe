"""One HTTP probe: well if the answer's status is from 200 to 399.

Rules
- The time limit covers the whole exchange: connecting, head, body and redirects.
- Redirects are followed only to the same host name; one that leads elsewhere ends the
  probe with a warning, which counts as success. Ten redirects are too many.
- Certificates are never verified, proxies never used, connections never kept.
- A failure before the head is a failed probe. A body that cannot be read is an error,
  and errors count as nothing.

A connection here is one small asyncio.Protocol: probes are the daemon's steady work,
and a general HTTP client costs three to six times as much CPU.
Follows pkg/probe/http/{http,request}.go.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import quote, urljoin, urlsplit

from supervisor.model.pod import HttpGetAction, HttpHeader
from supervisor.probing import dial
from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.response import CutShort, Malformed, Response
from supervisor.runtime.reach import Way

_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PATH_SAFE = "/?&=#%:;@!$'()*+,[]~|^"
_USER_AGENT = "kube-probe/1.32"


@dataclass(frozen=True)
class Request:
    """A GET of one URL; `way` leads to a port of the URL's host."""

    scheme: str
    host: str
    port: int
    target: str
    headers: tuple[HttpHeader, ...]
    way: Callable[[int], Way]

    @property
    def url(self) -> str:
        where = dial.address(self.host, self.port)
        return f"{self.scheme}://{where}{self.target}"

    def encode(self) -> bytes:
        """The request's bytes. Raises ValueError when a header cannot be sent."""
        given = {h.name.lower() for h in self.headers}
        lines = [f"GET {self.target} HTTP/1.1"]
        if "host" not in given:
            lines.append(f"Host: {dial.address(self.host, self.port)}")
        if "user-agent" not in given:
            lines.append(f"User-Agent: {_USER_AGENT}")
        if "accept" not in given:
            lines.append("Accept: */*")
        for header in self.headers:
            if any(c in header.value for c in "\r\n\0"):
                raise ValueError(f"invalid value of header {header.name!r}")
            if header.name.lower() == "accept" and not header.value:
                continue  # an empty Accept asks for none at all
            lines.append(f"{header.name}: {header.value}")
        lines.append("Connection: close\r\n\r\n")
        return "\r\n".join(lines).encode()


def request(
    action: HttpGetAction, host: str, port: int, *, way: Callable[[int], Way]
) -> Request:
    """The first request of a probe to `host`:`port`."""
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    target = quote(path, safe=_PATH_SAFE)
    scheme = action.scheme.lower()
    return Request(scheme, host, port, target, action.http_headers, way)


async def probe(first: Request, timeout: float) -> Attempt:
    """Ask `first` and follow its redirects, all within `timeout` seconds."""
    asked = first
    answer = Response()
    try:
        async with asyncio.timeout(timeout):
            for _ in range(_MOST_REDIRECTS):
                answer = Response()
                await _exchange(asked, answer)
                follow = _redirect(asked, answer)
                if follow is None:
                    return _judge(answer)
                asked = follow
    except ValueError as error:
        return Attempt(Outcome.ERROR, str(error))
    except (OSError, Malformed, CutShort) as error:
        return _failed(first, asked, answer, error)
    return _failure(first, "stopped after 10 redirects")


def _judge(answer: Response) -> Attempt:
    body = answer.body.decode("utf-8", "replace")
    if not 200 <= answer.status < 400:
        text = f"HTTP probe failed with statuscode: {answer.status}"
        return Attempt(Outcome.FAILURE, text)
    if answer.status >= 300:
        text = f"Probe terminated redirects, Response body: {body}"
        return Attempt(Outcome.WARNING, text)
    return Attempt(Outcome.SUCCESS, body)


def _redirect(asked: Request, answer: Response) -> Request | None:
    """The request to follow with, or None when `answer` is the last word."""
    if answer.status not in _REDIRECTS or not answer.location:
        return None
    there = urlsplit(urljoin(asked.url, answer.location))
    if there.hostname != asked.host or there.scheme not in ("http", "https"):
        return None
    port = there.port or (443 if there.scheme == "https" else 80)
    target = quote(there.path or "/", safe=_PATH_SAFE)
    if there.query:
        target += f"?{there.query}"
    return replace(asked, scheme=there.scheme, port=port, target=target)


def _failed(
    first: Request, asked: Request, answer: Response, error: Exception
) -> Attempt:
    """What a broken exchange means: an error once the head is there, else a failure."""
    if answer.status:
        waiting = "context deadline exceeded (Client.Timeout or context cancellation"
        late = isinstance(error, TimeoutError)
        text = f"{waiting} while reading body)" if late else "unexpected EOF"
        return Attempt(Outcome.ERROR, text)
    heard = False
    if isinstance(error, TimeoutError):
        text = (
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        )
    elif isinstance(error, Malformed):
        text, heard = f"malformed HTTP response {str(error)!r}", True
    elif isinstance(error, CutShort):
        text = "EOF"
    elif isinstance(error, ssl.SSLError):
        text, heard = _tls_text(error), True
    else:
        assert isinstance(error, OSError)
        way = asked.way(asked.port)
        text = dial.failure(way.host, way.port, error)
    return _failure(first, text, heard=heard)


def _tls_text(error: ssl.SSLError) -> str:
    if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "http: server gave HTTP response to HTTPS client"
    reason = (error.reason or "handshake failure").lower().replace("_", " ")
    return f"remote error: tls: {reason}"


def _failure(asked: Request, text: str, *, heard: bool = True) -> Attempt:
    return Attempt(Outcome.FAILURE, f'Get "{asked.url}": {text}', heard)


class _Exchange(asyncio.Protocol):
    """Send one request, feed what comes back to `answer` until that is enough."""

    def __init__(self, sent: bytes, answer: Response) -> None:
        self._sent = sent
        self._answer = answer
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._sent)

    def data_received(self, data: bytes) -> None:
        if self.finished.done():
            return
        try:
            self._answer.feed(data)
        except Malformed as error:
            self.finished.set_exception(error)
            return
        if self._answer.done:
            self.finished.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.finished.done():
            return
        try:
            if isinstance(exc, OSError):
                raise exc
            self._answer.eof()
        except (CutShort, OSError) as error:
            self.finished.set_exception(error)
        else:
            self.finished.set_result(None)


async def _exchange(asked: Request, answer: Response) -> None:
    sent = asked.encode()
    tls = _unverified() if asked.scheme == "https" else None
    transport, exchange = await asked.way(asked.port).open(
        lambda: _Exchange(sent, answer),
        tls=tls,
        server_name=(asked.host if tls else None),
    )
    try:
        await exchange.finished
    finally:
        transport.abort() if tls else transport.close()


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context

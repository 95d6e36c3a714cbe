"""GET a URL and follow redirects as the kubelet's probes and hooks do.

Rules
- At most nine redirects are followed, and only to the same host name; a redirect to
  another host is the answer. A Location that is not an http or https URL is a failure.
  2 KiB of a redirect's body are awaited, and errors in it are ignored.
- Certificates are not verified, proxies not used, connections not kept.

A connection is one small asyncio.Protocol: probes run all the time, and a general HTTP
client costs three to six times as much CPU.
Follows pkg/probe/http/{http,request}.go and net/http/client.go.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import quote

from supervisor.model.pod import HttpGetAction, HttpHeader
from supervisor.probing import dial
from supervisor.probing.head import Head
from supervisor.probing.location import BAD_ESCAPE, resolve
from supervisor.probing.response import BODY_LIMIT, CutShort, Malformed, Response
from supervisor.runtime.reach import Way

_MAX_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_REDIRECT_BODY = 2 * 1024
"""How much of a redirect's body is awaited; a longer body is skipped."""
_PATH_SAFE = "/?&=#%:;@!$'()*+,[]~|^"
_SAFE_IN_PATH = "/:@!$&'()*+,;=~"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Request:
    """A GET of a URL; `way` gives the way to a port of the URL's host."""

    scheme: str
    host: str
    port: int
    target: str
    headers: tuple[HttpHeader, ...]
    way: Callable[[int], Way]
    agent: str = "kube-probe/1.32"
    """The User-Agent, unless `headers` contain one."""
    referer: str = ""
    """Of a redirect: the URL of the redirected request."""

    @property
    def url(self) -> str:
        where = dial.address(self.host, self.port)
        return f"{self.scheme}://{where}{self.target}"

    def encode(self) -> bytes:
        """The request as bytes. Raises ValueError for an invalid header."""
        given = {h.name.lower() for h in self.headers}
        lines = [f"GET {self.target} HTTP/1.1"]
        if "host" not in given:
            lines.append(f"Host: {dial.address(self.host, self.port)}")
        if "user-agent" not in given:
            lines.append(f"User-Agent: {self.agent}")
        if "accept" not in given:
            lines.append("Accept: */*")
        if self.referer and "referer" not in given:
            lines.append(f"Referer: {self.referer}")
        for header in self.headers:
            if any(c in header.value for c in "\r\n\0"):
                raise ValueError(f"invalid value of header {header.name!r}")
            if header.name.lower() == "accept" and not header.value:
                continue  # an empty Accept suppresses the header
            lines.append(f"{header.name}: {header.value}")
        lines.append("Connection: close\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def request(
    action: HttpGetAction, host: str, port: int, *, way: Callable[[int], Way]
) -> Request:
    """The request of `action` to `host`:`port`."""
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    scheme = action.scheme.lower()
    return Request(scheme, host, port, _target(path), action.http_headers, way)


def _target(path: str) -> str:
    """Path and query without a fragment; an invalid URL is treated as a path."""
    url = path.partition("#")[0]
    if BAD_ESCAPE.search(url.partition("?")[0]):
        return quote(path, safe=_SAFE_IN_PATH)
    return quote(url, safe=_PATH_SAFE)


class NoRedirect(Exception):
    """A redirect cannot be followed; the text says why."""


class Fetch:
    """One GET. `asked` and `answer` belong to the latest redirect."""

    def __init__(self, first: Request) -> None:
        self.asked = first
        self.answer = Response()

    @property
    def has_answer(self) -> bool:
        """Whether a head has arrived that is not that of a redirect to follow."""
        return bool(self.answer.status) and not self.answer.is_passed_over

    async def run(self) -> Response:
        """The final answer. Has no timeout.

        Raises OSError, Malformed and CutShort for a failed exchange, NoRedirect, and
        ValueError for an invalid header.
        """
        for _ in range(_MAX_REDIRECTS):
            self.answer = Response()
            follow = await _ask(self.asked, self.answer)
            if follow is None:
                return self.answer
            self.asked = follow
        raise NoRedirect(f"stopped after {_MAX_REDIRECTS} redirects")


async def _ask(asked: Request, answer: Response) -> Request | None:
    """Fill `answer`; return the next request if it is a redirect to follow.

    Raises the same as `_exchange` and `_redirect`.
    """
    follow: list[Request] = []

    def limit(head: Head) -> int:
        if (there := _redirect(asked, head)) is None:
            return BODY_LIMIT
        follow.append(there)
        answer.is_passed_over = True
        is_short = head.length is None or head.length <= _REDIRECT_BODY
        return _REDIRECT_BODY if is_short else 0

    answer.limit_of = limit
    try:
        await _exchange(asked, answer)
    except (OSError, Malformed, CutShort):
        # The body of a redirect does not matter.
        if not follow:
            raise
    return follow[0] if follow else None


def _redirect(asked: Request, head: Head) -> Request | None:
    """The next request, or None if the answer is final.

    Raises NoRedirect.
    """
    if head.status not in _REDIRECTS or not head.location:
        return None
    where = dial.address(asked.host, asked.port)
    try:
        there = resolve(head.location, asked.scheme, where, asked.target)
    except ValueError as error:
        text = f"failed to parse Location header {head.location!r}: {error}"
        raise NoRedirect(text) from error
    if there.host != asked.host:
        return None
    if there.scheme not in _PORTS:
        raise NoRedirect(f'unsupported protocol scheme "{there.scheme}"')
    port = int(there.port or _PORTS[there.scheme])
    if not 0 < port < 65536:
        raise NoRedirect(f"dial tcp: address {port}: invalid port")
    target = quote(there.path, safe=_PATH_SAFE, errors="surrogateescape")
    if there.query:
        target += f"?{there.query}"
    kept = asked.headers
    if there.is_absolute:
        # The user's Host header is kept for relative redirects only.
        kept = tuple(h for h in kept if h.name.lower() != "host")
    tells = (asked.scheme, there.scheme) != ("https", "http")
    return replace(
        asked,
        scheme=there.scheme,
        port=port,
        target=target,
        headers=kept,
        referer=asked.url if tells else "",
    )


class _Exchange(asyncio.Protocol):
    """Send one request and feed the response to `answer` until it is done."""

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
        except (Malformed, NoRedirect) as error:
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

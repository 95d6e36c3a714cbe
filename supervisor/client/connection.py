"""HTTP requests to one API server: TLS, credentials, errors and streamed responses.

Rules
- An error response raises ApiError with the server's message; an unreachable server
  raises `Unreachable`, which is an ApiError 503.
- Environment variables (proxies, certificate bundles) and .netrc are ignored.
- Credentials are sent over TLS only, as kubectl does.
- A streamed response may be closed from any thread; its iteration then ends without an
  error.
"""

import re
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter

from supervisor import __version__
from supervisor.client.unreachable import Unreachable
from supervisor.machinery import socket_options
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

Query = Sequence[tuple[str, str]]

_MAX_DETAIL = 2000
"""Characters of a response body that is not a Status, such as that of /readyz."""
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')
_CONNECT_SECONDS = 10.0
# Keep-alive, because a watch may be silent for a long time.
_TCP_OPTIONS = socket_options.options(idle=30, interval=10, tries=3)
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class Connection:
    """A pool of connections to the URL `server`. All methods are thread-safe.

    `timeout` is in seconds and applies to each read of a response that is not streamed.
    """

    def __init__(
        self,
        server: str,
        *,
        token: str = "",
        context: ssl.SSLContext | None = None,
        timeout: float = 60.0,
    ) -> None:
        self.server = server.rstrip("/")
        self.host = urlsplit(self.server).netloc
        self.context = context
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount("https://", _Adapter(context))
        self._session.mount("http://", _Adapter(None))
        self.headers = {"User-Agent": f"supervisor/{__version__}"}
        if token and self.server.startswith("https:"):
            self.headers["Authorization"] = f"Bearer {token}"
        self._session.headers.clear()
        self._session.headers.update(self.headers)

    def json(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        warnings: list[str] | None = None,
    ) -> Object:
        """Send a request and return the JSON object in the response. Raises ApiError.

        The values of Warning headers are added to `warnings`.
        """
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Accept": accept, "Accept-Encoding": "identity"}
        if data is not None:
            headers["Content-Type"] = content_type
        response = self._send(method, path, query, data, headers)
        if warnings is not None:
            warnings.extend(_warnings(response))
        try:
            answer = msgspec.json.decode(response.content)
        except msgspec.DecodeError as error:
            raise self._unexpected(response, str(error)) from error
        if not isinstance(answer, dict):
            raise self._unexpected(response, "not a JSON object")
        return answer

    def text(self, path: str, query: Query = ()) -> str:
        """The body of a GET response as text. Raises ApiError."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        return self._send("GET", path, query, None, headers).text

    def stream(
        self,
        path: str,
        query: Query = (),
        accept: str = "application/json",
        *,
        body: Any = None,
    ) -> "Stream":
        """The response body, streamed. Raises ApiError.

        Sends a GET, or a POST if there is a body.
        """
        headers = {"Accept": accept, "Accept-Encoding": "identity"}
        method, data = "GET", None
        if body is not None:
            method, data = "POST", msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        response = self._send(method, path, query, data, headers, True)
        return Stream(response, self.host)

    def close(self) -> None:
        self._session.close()

    def _send(
        self,
        method: str,
        path: str,
        query: Query,
        data: bytes | None,
        headers: Mapping[str, str],
        stream: bool = False,
    ) -> requests.Response:
        try:
            response = self._session.request(
                method,
                self.server + path,
                params=list(query),
                data=data,
                headers=dict(headers),
                stream=stream,
                timeout=(_CONNECT_SECONDS, None if stream else self._timeout),
                allow_redirects=False,
            )
        except _BROKEN as error:
            raise Unreachable(self.host, _cause(error)) from error
        except ValueError as error:
            # raised by requests and urllib3 for invalid URLs
            raise Unreachable(self.host, str(error)) from error
        if response.status_code >= 300:
            with response:
                raise self._error(response)
        return response

    def _error(self, response: requests.Response) -> ApiError:
        try:
            body = msgspec.json.decode(response.content)
        except (msgspec.DecodeError, *_BROKEN):
            body = None
        if isinstance(body, dict) and body.get("kind") == "Status":
            return ApiError.from_status(body, response.status_code)
        return self._unexpected(response, response.text[:_MAX_DETAIL].strip())

    def _unexpected(self, response: requests.Response, detail: str) -> ApiError:
        code = response.status_code
        text = f"the server {self.host} answered {code} {response.reason}"
        message = f"{text}: {detail}" if detail else text
        reason = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound"}
        error_code = code if code >= 400 else 502
        return ApiError(error_code, reason.get(code, "InternalError"), message)


class Stream:
    """The chunks of a response body; `close` from another thread ends the iteration."""

    def __init__(self, response: requests.Response, host: str) -> None:
        self._response = response
        self._host = host
        self._closed = threading.Event()
        self.warnings = _warnings(response)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._response.raw.stream(65536):
                if self._closed.is_set():
                    return
                yield chunk
        except (*_BROKEN, AttributeError, ValueError) as error:
            # A read fails in many ways when another thread shuts the socket down.
            if not self._closed.is_set():
                raise Unreachable(self._host, _cause(error)) from error
        finally:
            self._closed.set()
            self._response.close()

    def lines(self) -> Iterator[bytes]:
        """The non-empty lines of the body, without line ends."""
        pending = b""
        for chunk in self:
            *complete, pending = (pending + chunk).split(b"\n")
            yield from (line for line in complete if line)
        if pending:
            yield pending

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        try:
            # `close` would block on the buffer's lock, which the reader holds.
            self._response.raw.shutdown()
        except (RuntimeError, ValueError, OSError):
            return  # the response is complete


class _Adapter(HTTPAdapter):
    """Uses our TLS context only, never the CA bundle of certifi."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=2, pool_maxsize=16)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs["socket_options"] = _TCP_OPTIONS
        super().init_poolmanager(*args, **kwargs)

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {} if self._context is None else {"ssl_context": self._context}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The TLS context has all settings."""


def _warnings(response: requests.Response) -> list[str]:
    texts = _WARNING.findall(response.headers.get("Warning", ""))
    return [re.sub(r"\\(.)", r"\1", text) for text in texts]


def _cause(error: BaseException) -> str:
    """The innermost cause of `error`, as a short message."""
    current: BaseException | None = error
    found = str(error)
    while current is not None:
        if isinstance(current, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {current.verify_message}"
        if isinstance(current, requests.Timeout | TimeoutError):
            found = "no answer in time"
        elif isinstance(current, OSError) and current.strerror:
            found = current.strerror.lower()
        current = _inner(current)
    return found


def _inner(error: BaseException) -> BaseException | None:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    if error.args and isinstance(error.args[0], BaseException):
        return error.args[0]
    return error.__cause__ or error.__context__

"""What Docker, its library and the network raise, as the contract's exceptions.

Rules
- Texts are for people: the engine's own words where it spoke, otherwise a plain reason.
  Never a repr, an address of the API, or a chain of wrapped exceptions.
- 404 is NotFound; other refusals are EngineRefused, with 500 among them: that is how
  Docker says that a port is taken. All else means that the engine is away.
"""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import docker.errors
import requests
import urllib3.exceptions

from supervisor.runtime.base import (
    EngineRefused,
    EngineUnavailable,
    NotFound,
    RuntimeFailure,
)

# docker.errors.APIError is both of the first two, so it is told apart before these.
_AWAY = (
    docker.errors.DockerException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)
_NONSENSE = (requests.JSONDecodeError, ValueError, KeyError, TypeError)
_GATEWAY_ERRORS = (502, 503, 504)


@contextmanager
def translated() -> Iterator[None]:
    """Whatever goes wrong inside leaves as a RuntimeFailure."""
    try:
        yield
    except RuntimeFailure:
        raise
    except docker.errors.APIError as error:
        raise refusal(error.status_code or 0, str(error.explanation or "")) from error
    except _AWAY as error:
        raise away(error) from error


def refusal(status: int, text: str) -> RuntimeFailure:
    """The engine's answer with an HTTP status that is no success."""
    text = text.strip() or f"the Docker engine answered with status {status}"
    if status == 404:
        return NotFound(text)
    if status in _GATEWAY_ERRORS:
        return EngineUnavailable(text)
    return EngineRefused(text)


def away(error: BaseException) -> EngineUnavailable:
    return EngineUnavailable(f"the Docker engine does not answer: {_reason(error)}")


def _reason(error: BaseException) -> str:
    """The innermost reason that a person can use."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, (TimeoutError, requests.Timeout)):
            return "no answer in time"
    for cause in causes:
        if isinstance(cause, docker.errors.InvalidVersion):
            return "it is too old: Docker 20.10 and later will do"
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls_reason(cause)
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    for cause in causes:
        if isinstance(cause, docker.errors.APIError) and cause.explanation:
            return str(cause.explanation)
    if any(isinstance(c, _NONSENSE) for c in causes):
        return "its answer makes no sense"
    return "the connection ended"


def _tls_reason(error: ssl.SSLError) -> str:
    """Whose certificate is no good, and why."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {error.verify_message}"
    reason = (error.reason or "").lower().replace("_", " ")
    if "alert" in reason:
        # What the other side told us before it hung up.
        said = reason.partition("alert ")[2]
        return f"it does not accept our certificate: {said}"
    if reason in ("wrong version number", "record layer failure"):
        return "it does not speak TLS"
    return f"TLS failed: {reason or error.strerror}"


def _causes(error: BaseException | None, depth: int = 0) -> Iterator[BaseException]:
    """`error` and all that it wraps, in whichever way its library does that."""
    if error is None or depth > 10:
        return
    wrapped = [error.__cause__, getattr(error, "reason", None), *error.args]
    for inner in wrapped:
        if isinstance(inner, BaseException):
            yield from _causes(inner, depth + 1)
    yield error

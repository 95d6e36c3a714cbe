"""Translate exceptions of docker-py and the network into those of the contract.

Rules
- Texts are for users: the engine's own message if there is one, otherwise a plain
  reason; never a repr, an API URL, or a chain of wrapped exceptions.
- 404 is NotFound. Other error statuses are EngineRefused, 500 included, which Docker
  answers when a port is in use. Everything else means that the engine is unavailable.
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
from supervisor.runtime.versions import MIN_DOCKER

# docker.errors.APIError is both of the first two, so it is handled before these.
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
    """Raise exceptions of the block as RuntimeFailures."""
    try:
        yield
    except RuntimeFailure:
        raise
    except docker.errors.APIError as error:
        raise refusal(error.status_code or 0, str(error.explanation or "")) from error
    except _AWAY as error:
        raise away(error) from error


def refusal(status: int, text: str) -> RuntimeFailure:
    """The exception for an HTTP error status."""
    text = text.strip() or f"the Docker engine answered with status {status}"
    if status == 404:
        return NotFound(text)
    if status in _GATEWAY_ERRORS:
        return EngineUnavailable(text)
    return EngineRefused(text)


def away(error: BaseException) -> EngineUnavailable:
    return EngineUnavailable(f"the Docker engine does not answer: {_reason(error)}")


def _reason(error: BaseException) -> str:
    """The innermost reason that makes sense to a user."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, (TimeoutError, requests.Timeout)):
            return "no answer in time"
    for cause in causes:
        if isinstance(cause, docker.errors.InvalidVersion):
            return f"it is too old: Docker {MIN_DOCKER} or later is needed"
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
    """Which certificate was rejected, and why."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {error.verify_message}"
    reason = (error.reason or "").lower().replace("_", " ")
    if "alert" in reason:
        # The alert that the peer sent before it closed the connection.
        said = reason.partition("alert ")[2]
        return f"it does not accept our certificate: {said}"
    if reason in ("wrong version number", "record layer failure"):
        return "it does not speak TLS"
    return f"TLS failed: {reason or error.strerror}"


def _causes(error: BaseException | None, depth: int = 0) -> Iterator[BaseException]:
    """`error` and everything it wraps, innermost first."""
    if error is None or depth > 10:
        return
    wrapped = [error.__cause__, getattr(error, "reason", None), *error.args]
    for inner in wrapped:
        if isinstance(inner, BaseException):
            yield from _causes(inner, depth + 1)
    yield error

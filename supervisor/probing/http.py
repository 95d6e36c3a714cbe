"""HTTP probes: success if the status is from 200 to 399.

Rules
- The timeout covers the whole exchange: connecting, head, body and redirects.
- A redirect to another host is not followed and is a warning, which counts as success;
  a redirect that cannot be followed is a failure.
- A failure before the head has arrived is a failed probe. A body that cannot be read is
  an error, which is ignored.

Follows pkg/probe/http/http.go.
"""

import asyncio
import ssl

from supervisor.probing import dial
from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.http_client import Fetch, NoRedirect, Request, request
from supervisor.probing.response import CutShort, Malformed, Response

__all__ = ["Request", "probe", "request"]


async def probe(first: Request, timeout: float) -> Attempt:
    """Send `first` and follow redirects, all within `timeout` seconds."""
    fetch = Fetch(first)
    try:
        async with asyncio.timeout(timeout):
            return _judge(await fetch.run())
    except ValueError as error:
        return Attempt(Outcome.ERROR, str(error))
    except NoRedirect as error:
        return _failure(first, str(error))
    except (OSError, Malformed, CutShort) as error:
        return _failed(first, fetch, error)


def _judge(answer: Response) -> Attempt:
    body = answer.body.decode("utf-8", "replace")
    if not 200 <= answer.status < 400:
        text = f"HTTP probe failed with statuscode: {answer.status}"
        return Attempt(Outcome.FAILURE, text)
    if answer.status >= 300:
        text = f"Probe terminated redirects, Response body: {body}"
        return Attempt(Outcome.WARNING, text)
    return Attempt(Outcome.SUCCESS, body)


def _failed(first: Request, fetch: Fetch, error: Exception) -> Attempt:
    """The outcome of a broken exchange: an error after the head, else a failure."""
    if fetch.has_answer:
        waiting = "context deadline exceeded (Client.Timeout or context cancellation"
        late = isinstance(error, TimeoutError)
        text = f"{waiting} while reading body)" if late else "unexpected EOF"
        return Attempt(Outcome.ERROR, text)
    answered = False
    if isinstance(error, TimeoutError):
        text = (
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        )
    elif isinstance(error, Malformed):
        text, answered = f"malformed HTTP response {str(error)!r}", True
    elif isinstance(error, CutShort):
        text = "EOF"
    elif isinstance(error, ssl.SSLError):
        text, answered = _tls_text(error), True
    else:
        assert isinstance(error, OSError)
        way = fetch.asked.way(fetch.asked.port)
        text = dial.failure(way.host, way.port, error)
    return _failure(first, text, answered=answered)


def _tls_text(error: ssl.SSLError) -> str:
    if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "http: server gave HTTP response to HTTPS client"
    reason = (error.reason or "handshake failure").lower().replace("_", " ")
    return f"remote error: tls: {reason}"


def _failure(asked: Request, text: str, *, answered: bool = True) -> Attempt:
    return Attempt(Outcome.FAILURE, f'Get "{asked.url}": {text}', answered)

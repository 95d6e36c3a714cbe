"""One HTTP probe: well if the answer's status is from 200 to 399.

Rules
- The time limit covers the whole exchange: connecting, head, body and redirects.
- A redirect that is not followed, since it leads to another host, is a warning, which
  counts as success; one that cannot be followed is a failure.
- A failure before the head is a failed probe. A body that cannot be read is an error,
  and errors count as nothing.

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
    """Ask `first` and follow its redirects, all within `timeout` seconds."""
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
    """What a broken exchange means: an error once the head is there, else a failure."""
    if fetch.has_answer:
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
        way = fetch.asked.way(fetch.asked.port)
        text = dial.failure(way.host, way.port, error)
    return _failure(first, text, heard=heard)


def _tls_text(error: ssl.SSLError) -> str:
    if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "http: server gave HTTP response to HTTPS client"
    reason = (error.reason or "handshake failure").lower().replace("_", " ")
    return f"remote error: tls: {reason}"


def _failure(asked: Request, text: str, *, heard: bool = True) -> Attempt:
    return Attempt(Outcome.FAILURE, f'Get "{asked.url}": {text}', heard)

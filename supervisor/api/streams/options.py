"""Parsing of query parameters of stream requests, with upstream's error messages.

Rules
- Booleans are parsed as upstream does: empty and `1` are true; case is ignored.
- Unknown parameters are ignored, as upstream does.

Follows pkg/apis/core/validation/validation.go (ValidatePodLogOptions) and
pkg/kubelet/cri/streaming/remotecommand/httpstream.go (NewOptions).
"""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from supervisor.model import times
from supervisor.model.errors import (
    FieldError,
    bad_request,
    forbidden_field,
    invalid,
    invalid_object,
    unsupported,
)
from supervisor.model.streams import LogOptions

_TRUE = ("", "1", "t", "true")
_FALSE = ("0", "f", "false")
_MAX_PORT = 65535
#: Two channels each, and a channel is one byte.
_MAX_PORTS = 127


@dataclass(frozen=True)
class CommandOptions:
    """Options of exec and attach."""

    container: str
    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool
    command: tuple[str, ...] = ()


def command_options(query: QueryParams) -> CommandOptions:
    """Parse the options of exec and attach. Raises ApiError 400."""
    tty = _flag(query, "tty")
    options = CommandOptions(
        container=query.get("container", ""),
        stdin=_flag(query, "stdin"),
        stdout=_flag(query, "stdout"),
        # A terminal has a single output stream.
        stderr=_flag(query, "stderr") and not tty,
        tty=tty,
        command=tuple(query.getlist("command")),
    )
    if not (options.stdin or options.stdout or options.stderr):
        raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    return options


def log_options(query: QueryParams, pod: str, now: float) -> LogOptions:
    """Parse the options of logs; `now` is in seconds since the epoch.

    Raises ApiError 400 for malformed, 422 for invalid values.
    """
    tail = _number(query, "tailLines")
    limit = _number(query, "limitBytes")
    ago = _number(query, "sinceSeconds")
    instant = query.get("sinceTime", "")
    errors: list[FieldError] = []
    if tail is not None and tail < 0:
        text = "must be greater than or equal to 0"
        errors.append(invalid("tailLines", tail, text))
    if limit is not None and limit < 1:
        errors.append(invalid("limitBytes", limit, "must be greater than 0"))
    if ago is not None and instant:
        text = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        errors.append(forbidden_field("sinceTime", text))
    elif ago is not None and ago < 1:
        errors.append(invalid("sinceSeconds", ago, "must be greater than 0"))
    if query.get("stream", "All") != "All":
        errors.append(unsupported("stream", query["stream"], ["All"]))
    since = _instant(instant)
    if errors:
        raise invalid_object("PodLogOptions", pod, errors)
    return LogOptions(
        follow=_flag(query, "follow"),
        previous=_flag(query, "previous"),
        timestamps=_flag(query, "timestamps"),
        tail_lines=tail,
        since=now - ago if ago is not None else since,
        limit_bytes=limit,
    )


def ports(query: QueryParams) -> tuple[int, ...]:
    """The ports of a port-forward over WebSocket channels. Raises ApiError 400."""
    texts = [t for value in query.getlist("ports") for t in value.split(",")]
    if not texts:
        raise bad_request('query parameter "ports" is required')
    if len(texts) > _MAX_PORTS:
        raise bad_request(
            f"too many ports: {len(texts)}, at most {_MAX_PORTS} are allowed"
        )
    return tuple(port(text) for text in texts)


def port(text: str) -> int:
    """Parse a port number. Raises ApiError 400."""
    if not (text.isascii() and text.isdigit()):
        raise bad_request(f'unable to parse "{text}" as a port: it must be a number')
    if not 0 < int(text) <= _MAX_PORT:
        raise bad_request(f'port "{text}" must be between 1 and {_MAX_PORT}')
    return int(text)


def _flag(query: QueryParams, key: str) -> bool:
    if key not in query:
        return False
    text = query[key].lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise bad_request(str(unsupported(key, query[key], ["false", "true"])))


def _number(query: QueryParams, key: str) -> int | None:
    text = query.get(key, "")
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise bad_request(str(invalid(key, text, "must be an integer"))) from None


def _instant(text: str) -> float | None:
    if not text:
        return None
    try:
        return times.to_seconds(text)
    except ValueError:
        detail = "must be an RFC 3339 time such as 2026-01-02T03:04:05Z"
        raise bad_request(str(invalid("sinceTime", text, detail))) from None

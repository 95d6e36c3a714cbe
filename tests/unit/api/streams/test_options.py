"""Query parameters of stream requests."""

import pytest
from starlette.datastructures import QueryParams

from supervisor.api.streams.options import (
    CommandOptions,
    command_options,
    log_options,
    ports,
)
from supervisor.model.errors import ApiError
from supervisor.model.streams import LogOptions

NOW = 1_000_000.0


def log(query: str) -> LogOptions:
    return log_options(QueryParams(query), "web", NOW)


def refusal(query: str) -> tuple[int, str]:
    """Code and message for invalid log options."""
    with pytest.raises(ApiError) as caught:
        log(query)
    return caught.value.code, caught.value.message


def test_logs_without_options() -> None:
    """All logs so far."""
    assert log("") == LogOptions()


def test_log_options_are_parsed() -> None:
    """All options of kubectl logs; unknown parameters are ignored."""
    query = "follow=true&previous=True&timestamps&tailLines=0&limitBytes=9"
    assert log(f"{query}&sinceSeconds=60&_preload_content=x") == LogOptions(
        follow=True,
        previous=True,
        timestamps=True,
        tail_lines=0,
        limit_bytes=9,
        since=NOW - 60,
    )
    assert log("sinceTime=1970-01-02T00:00:00Z").since == 86400
    assert not log("follow=false&previous=0").follow


@pytest.mark.parametrize(
    ("query", "code", "text"),
    [
        ("tailLines=-1", 422, "tailLines: Invalid value: -1: must be greater than or"),
        ("limitBytes=0", 422, "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", 422, "sinceSeconds: Invalid value: 0: must be greater"),
        ("stream=Stderr", 422, 'stream: Unsupported value: "Stderr"'),
        (
            "sinceSeconds=1&sinceTime=1970-01-02T00:00:00Z",
            422,
            "at most one of `sinceTime` or `sinceSeconds` may be specified",
        ),
        ("tailLines=x", 400, 'tailLines: Invalid value: "x": must be an integer'),
        ("sinceTime=noon", 400, 'sinceTime: Invalid value: "noon": must be an RFC'),
        ("follow=maybe", 400, 'follow: Unsupported value: "maybe"'),
    ],
)
def test_invalid_log_options(query: str, code: int, text: str) -> None:
    """The error names field, value and allowed values."""
    found_code, found_text = refusal(query)
    assert found_code == code
    assert text in found_text


def test_command_options_are_parsed() -> None:
    """Arguments keep their order; a terminal has no separate stderr."""
    query = "command=sh&command=-c&stdin=1&stdout=true&stderr=true&container=app"
    assert command_options(QueryParams(query)) == CommandOptions(
        container="app",
        stdin=True,
        stdout=True,
        stderr=True,
        tty=False,
        command=("sh", "-c"),
    )
    assert not command_options(QueryParams(f"{query}&tty=true")).stderr


def test_a_command_without_streams() -> None:
    """It is refused with upstream's message."""
    with pytest.raises(ApiError, match="at least 1 of stdin, stdout, stderr"):
        command_options(QueryParams("command=ls"))


def test_ports_are_parsed() -> None:
    """One by one or as a list."""
    assert ports(QueryParams("ports=80,443&ports=8080")) == (80, 443, 8080)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", 'query parameter "ports" is required'),
        ("ports=http", 'unable to parse "http" as a port'),
        ("ports=0", 'port "0" must be between 1 and 65535'),
        ("ports=" + ",".join(["80"] * 128), "too many ports: 128, at most 127"),
    ],
)
def test_invalid_ports(query: str, text: str) -> None:
    """The error contains the text."""
    with pytest.raises(ApiError, match=text):
        ports(QueryParams(query))

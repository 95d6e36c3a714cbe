"""Instants move with the host's clock; everything else stays as it is."""

import pytest

from tests.lab import clock_shift

HOUR = 3600


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (
            b'{"StartedAt":"2026-11-23T23:30:00.5Z"}\n',
            b'{"StartedAt":"2026-11-24T00:30:00.5Z"}\n',
        ),
        (b'{"SystemTime":"2026-12-31T23:00:00+01:00"}', None),
        (b'[{"Id":"1","Created":1700000000}]', b'[{"Id":"1","Created":1700003600}]'),
        (
            b'{"time":1700000000,"timeNano":1700000000123456789}\n',
            b'{"time":1700003600,"timeNano":1700003600123456789}\n',
        ),
        (
            b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 18:33:16 GMT\r\n",
            b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 19:33:16 GMT\r\n",
        ),
    ],
)
def test_what_the_engine_tells_is_moved(said: bytes, heard: bytes | None) -> None:
    """In JSON and in the head, with nothing growing longer."""
    told = clock_shift.answer(said, HOUR, is_log=False)

    assert told == (heard or b'{"SystemTime":"2027-01-01T00:00:00+01:00"}')
    assert len(told) == len(said)


@pytest.mark.parametrize(
    "said",
    [
        b'{"FinishedAt":"0001-01-01T00:00:00Z"}\n',
        b'{"Labels":{"built":"2026-11-23T23:30:00Z"}}\n',
        b'{"Name":"time","Size":1700000000}\n',
    ],
)
def test_what_is_no_instant_of_the_host_stays(said: bytes) -> None:
    """Never, labels, and numbers of another kind."""
    assert clock_shift.answer(said, HOUR, is_log=False) == said


def test_logs_move_before_what_was_written() -> None:
    """The instant before a line moves, one that the container wrote does not."""
    stamp, moved = (
        b"2026-11-23T18:33:16.000000001Z ",
        b"2026-11-23T19:33:16.000000001Z ",
    )
    text = b"at 2026-11-23T18:33:16.000000001Z it\n"
    head = b"\x01\x00\x00\x00\x00\x00\x00\x44"

    told = clock_shift.answer(head + stamp + text + stamp + text, HOUR, is_log=True)

    assert told == head + moved + text + moved + text


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/events?since=1700003600.5&until=1700003700", "1700000000.5 1700000100"),
        ("/c/1/logs?since=2026-11-23T19:33:16Z&tail=2", "2026-11-23T18:33:16Z"),
        ("/c/1/logs?since=0", "0"),
    ],
)
def test_questions_move_back(asked: str, meant: str) -> None:
    """What a client asks by that host's clock is meant by the real one."""
    from urllib.parse import parse_qs

    query = parse_qs(clock_shift.question(asked, HOUR).partition("?")[2])
    assert [v for k in ("since", "until") for v in query.get(k, [])] == meant.split()


def test_other_questions_pass_unchanged() -> None:
    """Not even their spelling changes."""
    asked = "/containers/json?filters=%7B%7D&all=1"

    assert clock_shift.question(asked, HOUR) == asked

"""Cron schedules, compared with what their fields say of every minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.model import cron

BERLIN = ZoneInfo("Europe/Berlin")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def slots(text: str, after: str, count: int, zone: str = "UTC") -> list[str]:
    """The next slots as local times with their offsets."""
    there = ZoneInfo(zone)
    at = datetime.fromisoformat(after).replace(tzinfo=there).timestamp()
    found = []
    for _ in range(count):
        following = cron.parse(text).after(at, there)
        if following is None:
            break
        at = following
        found.append(datetime.fromtimestamp(at, there).strftime("%Y-%m-%d %H:%M %z"))
    return found


def test_the_book_runs_its_job_every_quarter_of_an_hour() -> None:
    """The minute of the start is no slot itself."""
    assert slots("0,15,30,45 * * * *", "2026-11-26 10:15", 3) == [
        "2026-11-26 10:30 +0000",
        "2026-11-26 10:45 +0000",
        "2026-11-26 11:00 +0000",
    ]


def test_sunday_is_zero() -> None:
    """The 29th of November 2026 is a Sunday."""
    assert slots("0 0 * * 0", "2026-11-26", 1) == ["2026-11-29 00:00 +0000"]
    assert slots("0 0 * * Mon-wed", "2026-11-26", 1) == ["2026-11-30 00:00 +0000"]


def test_either_of_two_restricted_days_is_enough() -> None:
    """The 13th, and every Friday."""
    assert slots("0 0 13 * 5", "2026-11-26", 3) == [
        "2026-11-27 00:00 +0000",
        "2026-12-04 00:00 +0000",
        "2026-12-11 00:00 +0000",
    ]
    assert slots("0 0 13 12 5", "2026-12-12", 1) == ["2026-12-13 00:00 +0000"]


def test_a_star_leaves_the_choice_to_the_other_day() -> None:
    """With a step it restricts: every second day of the month, or a Friday."""
    assert slots("0 0 13 * *", "2026-11-26", 1) == ["2026-12-13 00:00 +0000"]
    assert slots("0 0 ? * 5", "2026-11-28", 1) == ["2026-12-04 00:00 +0000"]
    assert slots("0 0 */2 * 5", "2026-11-26", 2) == [
        "2026-11-27 00:00 +0000",
        "2026-11-29 00:00 +0000",
    ]


def test_the_29th_of_february_comes_every_fourth_year() -> None:
    """And a day that never comes has no slot."""
    assert slots("0 12 29 2 *", "2026-01-01", 1) == ["2028-02-29 12:00 +0000"]
    assert slots("0 12 30 2 *", "2026-01-01", 1) == []


def test_a_local_time_that_is_skipped_has_no_slot_on_that_day() -> None:
    """In Berlin 02:30 does not exist on the 29th of March 2026."""
    assert slots("30 2 * * *", "2026-03-28 03:00", 2, "Europe/Berlin") == [
        "2026-03-30 02:30 +0200",
        "2026-03-31 02:30 +0200",
    ]


def test_a_local_time_that_is_repeated_has_two() -> None:
    """In Berlin it is 02:30 twice on the 25th of October 2026."""
    assert slots("30 2 * * *", "2026-10-24 03:00", 3, "Europe/Berlin") == [
        "2026-10-25 02:30 +0200",
        "2026-10-25 02:30 +0100",
        "2026-10-26 02:30 +0100",
    ]


def test_a_day_without_a_midnight_is_no_trouble() -> None:
    """In São Paulo the 4th of November 2018 began at one."""
    assert slots("0 0 * * *", "2018-11-03 12:00", 1, "America/Sao_Paulo") == [
        "2018-11-05 00:00 -0200"
    ]
    assert slots("0 1 * * *", "2018-11-03 12:00", 1, "America/Sao_Paulo") == [
        "2018-11-04 01:00 -0200"
    ]


def test_descriptors_are_schedules() -> None:
    """`@every` counts from the time that it is asked about."""
    assert slots("@hourly", "2026-11-26 10:15", 1) == ["2026-11-26 11:00 +0000"]
    assert slots("@weekly", "2026-11-26", 1) == ["2026-11-29 00:00 +0000"]
    assert slots("@yearly", "2026-11-26", 1) == ["2027-01-01 00:00 +0000"]
    assert slots("@every 1h30m", "2026-11-26 10:00", 2) == [
        "2026-11-26 11:30 +0000",
        "2026-11-26 13:00 +0000",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty spec string"),
        ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("@never", "unrecognized descriptor: @never"),
        ("@every x", 'failed to parse duration @every x: time: invalid duration "x"'),
        (
            "x * * * *",
            'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
        ),
    ],
)
def test_a_mistake_is_named_in_upstreams_words(text: str, message: str) -> None:
    """As `kubectl` shows it behind `spec.schedule`."""
    with pytest.raises(ValueError) as raised:
        cron.parse(text)

    assert str(raised.value) == message


@pytest.mark.parametrize("text", ["* * * * *", "0 0 29 2 *", "30 4 * * 1", "@every 7m"])
def test_the_latest_slot_is_the_last_one_of_those_that_passed(text: str) -> None:
    """Found without looking at all that were missed."""
    schedule = cron.parse(text)
    start = datetime(2019, 1, 1, tzinfo=UTC).timestamp()
    now = datetime(2026, 11, 26, 10, 15, tzinfo=UTC).timestamp()

    found = schedule.latest(start, now, UTC)

    assert found is not None
    assert found <= now < (schedule.after(found, UTC) or 0)
    assert schedule.latest(found, now, UTC) is None


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(lambda p: f"{min(p)}-{max(p)}")
    steps = st.builds("{}/{}".format, st.one_of(st.just("*"), spans), st.integers(1, 9))
    one = st.one_of(st.just("*"), number.map(str), spans, steps)
    return st.lists(one, min_size=1, max_size=3).map(",".join)


schedules = st.tuples(
    fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12), fields(0, 6)
).map(" ".join)
CHANGES = (
    datetime(2026, 3, 28, 12, tzinfo=UTC),
    datetime(2026, 10, 24, 12, tzinfo=UTC),
    datetime(2018, 11, 3, 12, tzinfo=UTC),
    datetime(2024, 2, 28, 12, tzinfo=UTC),
)


def matches(text: str, local: datetime) -> bool:
    """Whether the minute is a slot, read from the text without any arithmetic."""
    seen = (local.minute, local.hour, local.day, local.month, local.isoweekday() % 7)
    lows = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
    words = text.split()
    hits = [_has(w, n, *b) for w, n, b in zip(words, seen, lows, strict=True)]
    minute, hour, day, month, weekday = hits
    stars = any(
        p == "*" or p == "*/1" for w in (words[2], words[4]) for p in w.split(",")
    )
    days = (day and weekday) if stars else (day or weekday)
    return minute and hour and month and days


def _has(word: str, number: int, low: int, high: int) -> bool:
    for part in word.split(","):
        ends, _, step = part.partition("/")
        first, _, last = ends.partition("-")
        start = low if first == "*" else int(first)
        end = high if first == "*" else int(last or first)
        if number in range(start, end + 1, int(step or 1)):
            return True
    return False


@given(schedules, st.sampled_from(CHANGES), st.sampled_from([BERLIN, SAO_PAULO, UTC]))
@settings(max_examples=100, deadline=None)
def test_the_next_slot_is_the_first_minute_that_matches(
    text: str, start: datetime, zone: ZoneInfo
) -> None:
    """Of the two days around changes of the clock."""
    minutes = (start + timedelta(minutes=n) for n in range(1, 2 * 24 * 60))
    first = next((m for m in minutes if matches(text, m.astimezone(zone))), None)

    found = cron.parse(text).after(start.timestamp(), zone)

    if first is not None:
        assert found == first.timestamp()
    elif found is not None:
        assert found >= (start + timedelta(days=2)).timestamp()

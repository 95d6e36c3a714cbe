"""Cron schedules as Kubernetes reads them. Pure.

Rules
- Five fields (minute, hour, day of month, month, day of week), or a descriptor such as
  `@hourly` or `@every 1h30m`. Sunday is 0; 7 is refused.
- If both days are restricted, either one is enough; a field that begins with `*` or `?`
  and has no step does not restrict.
- A slot is a whole minute whose local time matches. A local time that daylight saving
  skips has no slot on that day; one that it repeats has two.

Follows github.com/robfig/cron/v3 (parser.go, spec.go, constantdelay.go), which
CronJobs use upstream, with its error texts.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol

from supervisor.model import durations

_YEARS = 5
"""A schedule that has no slot for so long never has one."""
_DAY = timedelta(days=1)
_WINDOWS = tuple(n * 3600.0 for n in (1, 24, 31 * 24, 366 * 24, 8 * 366 * 24))
"""How far to look back for a slot; each has few slots if the one before has none."""


class Schedule(Protocol):
    def after(self, seconds: float, zone: tzinfo) -> float | None:
        """The first slot later than `seconds` since the epoch; None if there is none.

        `zone` is where the fields are read.
        """

    def latest(self, since: float, now: float, zone: tzinfo) -> float | None:
        """The last slot later than `since` and not later than `now`, if any."""


@dataclass(frozen=True)
class _Bounds:
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        return _number(text)


_MINUTE, _HOUR, _DAY_OF_MONTH = _Bounds(0, 59), _Bounds(0, 23), _Bounds(1, 31)
_MONTH = _Bounds(1, 12, tuple(m.lower() for m in calendar.month_abbr[1:]))
_DAY_OF_WEEK = _Bounds(0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
_FIELDS = (_MINUTE, _HOUR, _DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK)
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "


def parse(text: str) -> Schedule:
    """Raises ValueError with the words that `kubectl` shows for `spec.schedule`."""
    if not text:
        raise ValueError("empty spec string")
    if text.startswith("@"):
        return _descriptor(text)
    words = text.split()
    if len(words) != len(_FIELDS):
        raise ValueError(
            f"expected exactly {len(_FIELDS)} fields, found {len(words)}: {_go(words)}"
        )
    return _fields(words)


def _go(words: list[str]) -> str:
    """As Go prints a slice of strings with %s."""
    return f"[{' '.join(words)}]"


def _descriptor(text: str) -> Schedule:
    if text in _DESCRIPTORS:
        return _fields(_DESCRIPTORS[text].split())
    if not text.startswith(_EVERY):
        raise ValueError(f"unrecognized descriptor: {text}")
    try:
        seconds = durations.parse(text[len(_EVERY) :])
    except ValueError as error:
        raise ValueError(f"failed to parse duration {text}: {error}") from None
    return _Every(max(1, int(seconds)))


def _fields(words: list[str]) -> "_Calendar":
    minutes, hours, days, months, weekdays = (
        _field(word, bounds) for word, bounds in zip(words, _FIELDS, strict=True)
    )
    either = not (_is_open(words[2]) or _is_open(words[4]))
    return _Calendar(
        tuple(sorted(minutes)), tuple(sorted(hours)), days, months, weekdays, either
    )


def _is_open(word: str) -> bool:
    """Whether a field of days leaves the choice to the other one."""
    parts = [part.partition("/") for part in word.split(",") if part]
    return any(
        first[:1] in ("*", "?") and _step(step or "1", word) == 1
        for first, _, step in parts
    )


def _field(word: str, bounds: _Bounds) -> frozenset[int]:
    return frozenset(n for part in word.split(",") if part for n in _span(part, bounds))


def _span(text: str, bounds: _Bounds) -> range:
    ends, *steps = text.split("/")
    first, *last = ends.split("-")
    if first in ("*", "?"):
        low, high = bounds.low, bounds.high
    elif len(last) > 1:
        raise ValueError(f"too many hyphens: {text}")
    else:
        low = bounds.number(first)
        high = bounds.number(last[0]) if last else low
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {text}")
    step = _step(steps[0], text) if steps else 1
    if steps and not last:
        high = bounds.high
    _check_span(text, low, high, bounds)
    return range(low, high + 1, step)


def _check_span(text: str, low: int, high: int, bounds: _Bounds) -> None:
    if low < bounds.low:
        raise ValueError(
            f"beginning of range ({low}) below minimum ({bounds.low}): {text}"
        )
    if high > bounds.high:
        raise ValueError(f"end of range ({high}) above maximum ({bounds.high}): {text}")
    if low > high:
        raise ValueError(
            f"beginning of range ({low}) beyond end of range ({high}): {text}"
        )


def _step(text: str, whole: str) -> int:
    step = _number(text)
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {whole}")
    return step


def _number(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(
            f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": '
            "invalid syntax"
        )
    number = int(text)
    if number < 0:
        raise ValueError(f"negative number ({number}) not allowed: {text}")
    return number


@dataclass(frozen=True)
class _Every:
    seconds: int

    def after(self, seconds: float, zone: tzinfo) -> float | None:
        return float(int(seconds) + self.seconds)

    def latest(self, since: float, now: float, zone: tzinfo) -> float | None:
        passed = (int(now) - int(since)) // self.seconds
        return float(int(since) + passed * self.seconds) if passed > 0 else None


@dataclass(frozen=True)
class _Calendar:
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    """Whether matching one of the two fields of days is enough."""

    def after(self, seconds: float, zone: tzinfo) -> float | None:
        start = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
        for day in self._days_from(start.date()):
            later = [at for at in self._slots(day, zone, start) if at > seconds]
            if later:
                return min(later)
        return None

    def latest(self, since: float, now: float, zone: tzinfo) -> float | None:
        for window in _WINDOWS:
            start = max(since, now - window)
            found, following = None, self.after(start, zone)
            while following is not None and following <= now:
                found, following = following, self.after(following, zone)
            if found is not None or start == since:
                return found
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        day = first
        while day.year <= first.year + _YEARS:
            if day.month not in self.months:
                month = day.month % 12 + 1
                day = date(day.year + (month == 1), month, 1)
                continue
            if self._has(day):
                yield day
            day += _DAY

    def _has(self, day: date) -> bool:
        by_month = day.day in self.days
        by_week = day.isoweekday() % 7 in self.weekdays
        if self.either_day:
            return by_month or by_week
        return by_month and by_week

    def _slots(self, day: date, zone: tzinfo, start: datetime) -> Iterator[float]:
        """Those of a day, or at least the first one that is later than `start`."""
        is_plain = not _changes_offset(day, zone)
        earliest = start.hour if is_plain and day == start.date() else 0
        for hour in self.hours:
            if hour < earliest:
                continue
            found = list(_instants(day, hour, self.minutes, zone))
            yield from found
            if is_plain and found and found[-1] > start.timestamp():
                return


def _changes_offset(day: date, zone: tzinfo) -> bool:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight.utcoffset() != (midnight + _DAY).utcoffset()


def _instants(
    day: date, hour: int, minutes: tuple[int, ...], zone: tzinfo
) -> Iterator[float]:
    """When it is that hour and minute on that day: once, twice, or never."""
    for minute in minutes:
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        both = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
        for instant in sorted(both):
            seen = instant.astimezone(zone)
            if (seen.day, seen.hour, seen.minute) == (day.day, hour, minute):
                yield instant.timestamp()

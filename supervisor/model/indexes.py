"""Indexes of a Job's pods as text: `1,3-5,7`. Pure.

Rules
- Numbers grow, and each is less than the number of completions.
- Errors are ValueErrors in upstream's words.

Follows validateIndexesFormat of pkg/apis/batch/validation/validation.go.
"""

import re
from collections.abc import Iterable

from supervisor.model.errors import quoted

Interval = tuple[int, int]
"""First and last index."""


def parse(text: str, completions: int) -> tuple[Interval, ...]:
    """The intervals in `text`. Raises ValueError."""
    found: list[Interval] = []
    for part in text.split(",") if text else ():
        first, last = _interval(part, completions)
        if found and found[-1][1] >= first:
            raise ValueError(_order(found[-1][1], first))
        found.append((first, last))
    return tuple(found)


def count(intervals: Iterable[Interval]) -> int:
    return sum(last - first + 1 for first, last in intervals)


def first_overlap(some: Iterable[Interval], others: tuple[Interval, ...]) -> int | None:
    """The least index that is in both; None if there is none."""
    shared = (
        max(first, low)
        for first, last in some
        for low, high in others
        if first <= high and low <= last
    )
    return min(shared, default=None)


def _interval(text: str, completions: int) -> Interval:
    limits = text.split("-")
    if len(limits) > 2:
        raise ValueError(
            f"the fragment {quoted(text)} violates the requirement that an index "
            "interval can have at most two parts separated by '-'"
        )
    first, *more = (_index(limit, completions) for limit in limits)
    if more and first >= more[0]:
        raise ValueError(_order(first, more[0]))
    return first, more[0] if more else first


def _index(text: str, completions: int) -> int:
    if not re.fullmatch(r"[+]?[0-9]+", text):
        raise ValueError(f"cannot convert string to integer for index: {quoted(text)}")
    if int(text) >= completions:
        raise ValueError(f"too large index: {quoted(text)}")
    return int(text)


def _order(previous: int, current: int) -> str:
    return f"non-increasing order, previous: {previous}, current: {current}"

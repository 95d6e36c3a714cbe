"""The checks that recur everywhere, each yielding what is wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from supervisor.model import names
from supervisor.model.errors import FieldError, invalid, required, unsupported

Errors = Iterator[FieldError]

IMMUTABLE = "field is immutable"
NOT_NEGATIVE = "must be greater than or equal to 0"
MAX_INT32 = 2**31 - 1


def each(field: str, value: Any, messages: Iterable[str]) -> Errors:
    """One error for every message about one value."""
    for message in messages:
        yield invalid(field, value, message)


def not_negative(field: str, value: int | None) -> Errors:
    if value is not None and value < 0:
        yield invalid(field, value, NOT_NEGATIVE)


def between(field: str, value: int | None, least: int, most: int) -> Errors:
    if value is not None and not least <= value <= most:
        yield invalid(field, value, f"must be between {least} and {most}, inclusive")


def one_of(field: str, value: str | None, allowed: Sequence[str]) -> Errors:
    """`value` must be given, and be one of `allowed`."""
    if not value:
        yield required(field)
    elif value not in allowed:
        yield unsupported(field, value, allowed)


def named(field: str, value: str | None, check: Callable[[str], list[str]]) -> Errors:
    """`value` must be given, and pass a check of supervisor.model.names."""
    if not value:
        yield required(field)
    else:
        yield from each(field, value, check(value))


def labels(field: str, given: Mapping[str, str] | None) -> Errors:
    for key, value in (given or {}).items():
        yield from each(field, key, names.qualified(key))
        yield from each(field, value, names.label_value(value))

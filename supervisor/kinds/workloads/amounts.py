"""Numbers that may be given as percentages. Pure.

Follows pkg/apis/apps/validation/validation.go and
apimachinery/pkg/util/intstr/intstr.go.
"""

import math
import re
from typing import Any

from supervisor.model.errors import invalid
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_PERCENT = re.compile(r"[0-9]+%")
_NOT_PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
)


def check(field: str, value: Any) -> Errors:
    """A number that is not negative, or a percentage."""
    if isinstance(value, str):
        if not _PERCENT.fullmatch(value):
            yield invalid(field, value, _NOT_PERCENT)
    else:
        yield from report.not_negative(field, value)


def check_at_most_all(field: str, value: Any) -> Errors:
    if is_percent(value) and int(value[:-1]) > 100:
        yield invalid(field, value, "must not be greater than 100%")


def is_percent(value: Any) -> bool:
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None


def is_zero(value: Any) -> bool:
    """Whether it is none of any number."""
    if isinstance(value, str):
        return is_percent(value) and int(value[:-1]) == 0
    return not value


def scaled(value: Any, total: int, *, up: bool) -> int:
    """The number, or that share of `total`, rounded. 0 for what is no amount."""
    if isinstance(value, str):
        if not is_percent(value):
            return 0
        share = int(value[:-1]) * total / 100
        return math.ceil(share) if up else math.floor(share)
    return int(value or 0)

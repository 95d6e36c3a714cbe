"""Which JSON values a scalar field takes, and the words for those that it does not.

Follows encoding/json/decode.go, apimachinery/pkg/api/resource/quantity.go and Go's
time/format.go.
"""

import re
from typing import Any, Final

from supervisor.model import base64_text
from supervisor.model.schema.types import Form

MISFIT: Final = "misfit"
"""The value has the wrong JSON type, or does not fit into the integer."""

_BITS = {Form.INT32: 31, Form.INT64: 63}
_QUANTITY_SHAPE = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_QUANTITY_LOOSE = re.compile(r"[+-]?[0-9.]+([eEinumkKMGTP]*[-+]?[0-9]*)\Z")
_QUANTITY = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\Z"
)
_LAYOUT = "2006-01-02T15:04:05Z07:00"
_TIME_PARTS = (
    ("2006", r"[0-9]{4}"),
    ("-", "-"),
    ("01", r"[0-9]{2}"),
    ("-", "-"),
    ("02", r"[0-9]{2}"),
    ("T", "T"),
    ("15", r"[0-9]{2}"),
    (":", ":"),
    ("04", r"[0-9]{2}"),
    (":", ":"),
    ("05", r"[0-9]{2}([.,][0-9]+)?"),
    ("Z07:00", r"Z|[+-][0-9]{2}:[0-9]{2}"),
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def fault(value: Any, form: Form) -> str:
    """Empty if the value fits, MISFIT, or a sentence on what is wrong with its text."""
    match form:
        case Form.STRING:
            return "" if isinstance(value, str) else MISFIT
        case Form.BOOL:
            return "" if isinstance(value, bool) else MISFIT
        case Form.INT32 | Form.INT64:
            return "" if _fits(value, _BITS[form]) else MISFIT
        case Form.ANY:
            return ""
        case Form.QUANTITY:
            return _quantity_fault(value)
        case Form.INT_OR_STRING:
            if isinstance(value, str) or _fits(value, 31):
                return ""
            found = describe(value, Form.INT32)
            return f"json: cannot unmarshal {found} into Go value of type int32"
        case Form.BYTES | Form.TIME | Form.MICRO_TIME if not isinstance(value, str):
            return MISFIT
        case Form.BYTES:
            return _base64_fault(value)
        case Form.TIME | Form.MICRO_TIME:
            return _time_fault(value)
        case _:
            return MISFIT


def describe(value: Any, form: Form) -> str:
    """How Go's decoder names a JSON value that does not fit into `form`."""
    match value:
        case bool():
            return "bool"
        case int() | float() if form in _BITS:
            return f"number {value}"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _fits(value: Any, bits: int) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return is_integer and -(1 << bits) <= value < (1 << bits)


def _quantity_fault(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = value if isinstance(value, str) else repr(value) if is_number else ""
    loose = _QUANTITY_LOOSE.match(text)
    if loose is None:
        return f"quantities must match the regular expression '{_QUANTITY_SHAPE}'"
    if _QUANTITY.match(text):
        return ""
    if re.match(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(?![0-9.])", text):
        return "unable to parse quantity's suffix"
    return "unable to parse numeric part of quantity"


def _base64_fault(text: str) -> str:
    try:
        base64_text.decode(text)
    except ValueError as error:
        return str(error)
    return ""


def _time_fault(text: str) -> str:
    rest, found = text, []
    for element, pattern in _TIME_PARTS:
        match = re.match(pattern, rest)
        if match is None:
            return (
                f'parsing time "{text}" as "{_LAYOUT}": '
                f'cannot parse "{rest}" as "{element}"'
            )
        if element[0].isdigit():
            found.append(int(match[0][:4].partition(".")[0].partition(",")[0]))
        rest = rest[match.end() :]
    if rest:
        return f'parsing time "{text}": extra text: "{rest}"'
    return _range_fault(text, found)


def _range_fault(text: str, found: list[int]) -> str:
    year, month, day, hour, minute, second = found
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    offset = re.search(r"[+-]([0-9]{2}):([0-9]{2})$", text)
    wrong = (
        # Differs from Kubernetes: Go knows a year 0, which no clock here does.
        ("year", year == 0),
        ("month", not 1 <= month <= 12),
        ("day", not 1 <= day <= (_DAYS[(month - 1) % 12] - (month == 2 and not leap))),
        ("hour", hour > 23),
        ("minute", minute > 59),
        ("second", second > 59),
        ("time zone offset", offset is not None and _is_odd_offset(*offset.groups())),
    )
    word = next((name for name, is_wrong in wrong if is_wrong), "")
    return f'parsing time "{text}": {word} out of range' if word else ""


def _is_odd_offset(hours: str, minutes: str) -> bool:
    return int(hours) > 23 or int(minutes) > 59

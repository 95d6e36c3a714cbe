"""Which quantities, times and base64 texts are taken."""

from typing import Any

import pytest

from supervisor.model.schema import scalars
from supervisor.model.schema.types import Form

PATTERN = "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
LAYOUT = "2006-01-02T15:04:05Z07:00"


@pytest.mark.parametrize(
    "value",
    ["1", "100m", "1.5", ".5", "1.", "64Mi", "2G", "1e3", "1E-2", "-1k", 3, 0.1],
)
def test_quantities_that_are_taken(value: Any) -> None:
    """Plain numbers, decimal and binary suffixes and exponents are quantities."""
    assert scalars.fault(value, Form.QUANTITY) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", f"quantities must match the regular expression {PATTERN}"),
        ("abc", f"quantities must match the regular expression {PATTERN}"),
        (True, f"quantities must match the regular expression {PATTERN}"),
        ({}, f"quantities must match the regular expression {PATTERN}"),
        ("1 Gi", f"quantities must match the regular expression {PATTERN}"),
        ("1Gi\n", f"quantities must match the regular expression {PATTERN}"),
        ("1ii", "unable to parse quantity's suffix"),
        ("1.1.1", "unable to parse numeric part of quantity"),
    ],
)
def test_quantities_that_are_refused(value: Any, words: str) -> None:
    """The words are upstream's."""
    assert scalars.fault(value, Form.QUANTITY) == words


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.123456789Z",
        "2024-02-29T23:59:59+02:00",
    ],
)
def test_times_that_are_taken(value: str) -> None:
    """RFC 3339 with any fraction and offset is a time."""
    assert scalars.fault(value, Form.TIME) == ""
    assert scalars.fault(value, Form.MICRO_TIME) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("now", f'parsing time "now" as "{LAYOUT}": cannot parse "now" as "2006"'),
        (
            "2026-01-02",
            f'parsing time "2026-01-02" as "{LAYOUT}": cannot parse "" as "T"',
        ),
        (
            "2026-13-02T03:04:05Z",
            'parsing time "2026-13-02T03:04:05Z": month out of range',
        ),
        (
            "2025-02-29T03:04:05Z",
            'parsing time "2025-02-29T03:04:05Z": day out of range',
        ),
        (
            "2026-01-02T24:04:05Z",
            'parsing time "2026-01-02T24:04:05Z": hour out of range',
        ),
        (
            "2026-01-02T03:04:05Z!",
            'parsing time "2026-01-02T03:04:05Z!": extra text: "!"',
        ),
    ],
)
def test_times_that_are_refused(value: str, words: str) -> None:
    """The words are those of Go's time package."""
    assert scalars.fault(value, Form.TIME) == words


@pytest.mark.parametrize("value", ["", "YQ==", "YWI=", "YWJj", "YWJj\nYWJj"])
def test_base64_that_is_taken(value: str) -> None:
    """Padded base64 is bytes, line breaks included."""
    assert scalars.fault(value, Form.BYTES) == ""


@pytest.mark.parametrize(
    ("value", "at"), [("plain text", 5), ("YQ=", 3), ("YQ", 0), ("YWJj!", 4), ("é", 0)]
)
def test_base64_that_is_refused(value: str, at: int) -> None:
    """The message tells where Go's decoder stops."""
    words = f"illegal base64 data at input byte {at}"

    assert scalars.fault(value, Form.BYTES) == words

"""Ages look as kubectl's users know them."""

import pytest

from supervisor.model.durations import human_duration

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2.5, "<invalid>"),
        (-0.9, "0s"),
        (0, "0s"),
        (119.9, "119s"),
        (120, "2m"),
        (3 * MINUTE + 4, "3m4s"),
        (10 * MINUTE, "10m"),
        (179 * MINUTE + 59, "179m"),
        (3 * HOUR, "3h"),
        (5 * HOUR + 2 * MINUTE, "5h2m"),
        (8 * HOUR + 2 * MINUTE, "8h"),
        (47 * HOUR, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + 3 * HOUR, "2d3h"),
        (8 * DAY + 3 * HOUR, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + 10 * DAY, "2y10d"),
        (8 * YEAR + 10 * DAY, "8y"),
    ],
)
def test_duration_grows_coarser_as_it_grows_longer(seconds: float, text: str) -> None:
    """A duration is shown in at most two units."""
    assert human_duration(seconds) == text

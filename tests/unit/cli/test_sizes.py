"""Human-readable sizes."""

import pytest

from supervisor.cli.sizes import size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1kB"),
        (2_200_000, "2.2MB"),
        (107_400_000, "107MB"),
        (999_600, "1MB"),
    ],
)
def test_sizes_have_three_digits(count: float, text: str) -> None:
    """And a suitable unit."""
    assert size(count) == text

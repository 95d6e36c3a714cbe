"""How long to wait before the n-th repetition."""

import pytest

from supervisor.machinery import backoff


@pytest.mark.parametrize(
    ("step", "seconds"),
    [(-1, 0), (0, 0), (1, 10), (2, 20), (5, 160), (6, 300), (7, 300), (10_000, 300)],
)
def test_the_delay_doubles_up_to_its_limit(step: int, seconds: float) -> None:
    """No delay before step 0, then the first one, doubled each time up to the most."""
    assert backoff.delay(step, first=10, maximum=300) == seconds

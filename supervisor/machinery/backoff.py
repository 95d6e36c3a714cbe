"""Exponential backoff. Pure."""


def delay(step: int, *, first: float, maximum: float) -> float:
    """Seconds to wait before retry `step`: 0 for step 0, then doubling from `first`.

    >>> [delay(n, first=10, maximum=300) for n in range(8)]
    [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
    """
    if step <= 0:
        return 0.0
    return float(min(first * 2.0 ** min(step - 1, 62), maximum))

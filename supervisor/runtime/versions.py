"""Versions of Docker's API: the oldest that an engine may speak, and comparing them."""

MIN_API = "1.41"
MIN_DOCKER = "20.10"
"""The oldest Docker that speaks it."""


def at_least(api_version: str, wanted: str) -> bool:
    """Compares numbers, not text. Raises ValueError for what is no version."""

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in text.split("."))

    return numbers(api_version) >= numbers(wanted)


def is_new_enough(api_version: str) -> bool:
    """Whether an engine that speaks this version of the API is supported."""
    try:
        return at_least(api_version, MIN_API)
    except ValueError:
        return False

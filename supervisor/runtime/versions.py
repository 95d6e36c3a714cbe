"""Which versions of Docker's API an engine may speak."""

MIN_API = "1.41"
"""What an engine has to speak."""


def is_new_enough(api_version: str) -> bool:
    """Whether an engine that speaks no newer API than this can be worked with."""

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in text.split("."))

    try:
        return numbers(api_version) >= numbers(MIN_API)
    except ValueError:
        return False

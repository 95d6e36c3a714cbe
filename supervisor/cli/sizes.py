"""Sizes and rates for people: `107MB`, `1.5MB/s`, in powers of ten as Docker prints."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(count: float) -> str:
    """Three digits and a unit."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    digits = f"{count:.3g}"
    return f"{digits}{_UNITS[unit]}"

"""Human-readable sizes in powers of ten, as Docker prints them: `107MB`."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(count: float) -> str:
    """`count` bytes with three significant digits and a unit."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    digits = f"{count:.3g}"
    return f"{digits}{_UNITS[unit]}"

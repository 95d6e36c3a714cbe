"""Lengths of time as Go prints them, which messages of upstream contain."""


def go_duration(seconds: float) -> str:
    """Whole seconds in Go's form.

    >>> [go_duration(n) for n in (0, 10, 80, 300, 3600)]
    ['0s', '10s', '1m20s', '5m0s', '1h0m0s']
    """
    if seconds != int(seconds):
        return f"{seconds:g}s" if seconds < 60 else go_duration(round(seconds))
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"

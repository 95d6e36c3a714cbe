"""Names of kernel settings, which may be written with dots or with slashes. Pure."""

_SWAPPED = str.maketrans("./", "/.")


def dotted(name: str) -> str:
    """The name with dots between its parts, as sysctl(8) reads it.

    The first separator tells which of the two is meant.

    >>> dotted("net/ipv4/conf/eno2.100/rp_filter")
    'net.ipv4.conf.eno2/100.rp_filter'
    """
    first = next((c for c in name if c in "./"), ".")
    return name.translate(_SWAPPED) if first == "/" else name

"""Where a Docker engine is: `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST`.

Rules
- What is no address of an engine is refused with the reason, and with what is allowed.
- Users and hosts become words of ssh's command line, and ssh puts them into commands of
  its user's configuration (ProxyCommand, Match exec). So they hold nothing that ssh or
  a shell would read as more than a name.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEMES = ("unix", "tcp", "ssh")
DEFAULT_SOCKET = "/var/run/docker.sock"
_ALLOWED = (
    "must be unix:///PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT][/PATH/OF/SOCKET]"
)
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.\-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]+")


@dataclass(frozen=True)
class Endpoint:
    scheme: str
    host: str = ""
    """Empty for this machine."""
    port: int = 0
    """0 is ssh's own default."""
    user: str = ""
    path: str = ""
    """Of the engine's socket; empty over tcp."""


def parse(text: str) -> Endpoint:
    """`text` as an address. Raises ValueError, which says what is wrong with it."""
    if any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError(f"{_ALLOWED}; it has blanks in it")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{_ALLOWED}; {error}") from None
    if parts.scheme not in SCHEMES or not text.startswith(f"{parts.scheme}://"):
        raise ValueError(_ALLOWED)
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError(f"{_ALLOWED}; nothing may follow it")
    if parts.password is not None:
        raise ValueError(f"{_ALLOWED}; a password has no place in it: use a key")
    found = Endpoint(
        parts.scheme, parts.hostname or "", port or 0, parts.username or "", parts.path
    )
    wrong = _wrong(found, parts.netloc)
    if wrong:
        raise ValueError(f"{_ALLOWED}; {wrong}")
    if found.scheme == "ssh" and not found.path.strip("/"):
        return Endpoint("ssh", found.host, found.port, found.user, DEFAULT_SOCKET)
    return found


def _wrong(found: Endpoint, netloc: str) -> str:
    """What an address lacks or has too much of; empty when it is fine."""
    if found.scheme == "unix":
        if netloc:
            return f"the path must be absolute: unix:///{netloc}{found.path}"
        return "" if found.path.strip("/") else "the path is missing"
    if not found.host:
        return "the host is missing"
    if not _HOST.fullmatch(found.host):
        return f"{found.host!r} is no host"
    if found.user and not _USER.fullmatch(found.user):
        return (
            f"{found.user!r} is no user: letters, digits, `_`, `.`, `+`, `@` and `-` "
            "are allowed, and a letter, a digit or `_` at the beginning"
        )
    if found.scheme == "ssh":
        return ""
    if found.user:
        return "a user has no place in it"
    if not found.port:
        return "the port is missing: 2376 is usual with TLS, 2375 without"
    return "a path has no place in it" if found.path.strip("/") else ""

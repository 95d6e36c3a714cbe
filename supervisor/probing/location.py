"""Resolve the Location header of a redirect.

URLs that Go's net/url rejects are rejected, so that a probe fails where the kubelet's
fails. As there, host names are not normalized.

Pure. Follows net/url/url.go (Parse, ResolveReference).
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)?:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_BAD_IN_HOST = re.compile(r"[^a-zA-Z0-9\-_.~!$&'()*+,;=:\[\]<>\"%\x80-\U0010ffff]")
_BAD_HOST_ESCAPE = re.compile(r"%(?![89a-fA-F][0-9a-fA-F])(?!25)")
_BAD_IN_USER = re.compile(r"[^a-zA-Z0-9\-._:~!$&'()*+,;=%@]")
_PORT = re.compile(r"(?::[0-9]*)?")


@dataclass(frozen=True)
class Location:
    scheme: str
    host: str
    """Without port and brackets; empty if the URL has none."""
    port: str
    """Digits, or empty for the scheme's default."""
    path: str
    query: str
    is_absolute: bool
    """Whether the header itself has a scheme."""


def resolve(text: str, scheme: str, authority: str, target: str) -> Location:
    """Raises ValueError, with Go's message, if `text` is not a URL.

    `scheme`, `authority` and `target` are those of the redirected request.
    """
    own_scheme, own_authority, path, query = _split(text)
    is_absolute = bool(own_scheme)
    if own_scheme and not own_authority and not path.startswith("/"):
        # Opaque, such as mailto: there is no host to compare.
        return Location(own_scheme, "", "", path, query or "", is_absolute)
    if not own_scheme and own_authority is None:
        base_path, _, base_query = target.partition("?")
        if not path and query is None:
            query = base_query
        path = urljoin(base_path, path) if path else base_path
        own_authority = authority
    host, port = _host_and_port(own_authority or "")
    found_scheme = (own_scheme or scheme).lower()
    return Location(found_scheme, host, port, path or "/", query or "", is_absolute)


def _split(text: str) -> tuple[str, str | None, str, str | None]:
    """Scheme, authority, path and query; None without `//` or `?`."""
    rest, _, fragment = text.partition("#")
    if _CONTROL.search(rest):
        raise ValueError("net/url: invalid control character in URL")
    scheme = ""
    if found := _SCHEME.match(rest):
        scheme, rest = found[1] or "", rest[found.end() :]
        if not scheme:
            raise ValueError("missing protocol scheme")
    rest, question, query = rest.partition("?")
    authority = None
    if not scheme and not rest.startswith("/") and ":" in rest.partition("/")[0]:
        raise ValueError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    if authority is not None:
        _check_authority(authority)
    is_opaque = scheme and authority is None and not rest.startswith("/")
    for part in () if is_opaque else (rest, fragment):
        if found := BAD_ESCAPE.search(part):
            shown = part[found.start() : found.start() + 3]
            raise ValueError(f'invalid URL escape "{shown}"')
    return scheme, authority, rest, query if question else None


def _check_authority(authority: str) -> None:
    user, at, host = authority.rpartition("@")
    if at and (_BAD_IN_USER.search(user) or BAD_ESCAPE.search(user)):
        raise ValueError("net/url: invalid userinfo")
    if host.startswith("["):
        inside, bracket, port = host.rpartition("]")
        if not bracket:
            raise ValueError("missing ']' in host")
        host = inside
    else:
        host, colon, port = host.rpartition(":")
        host, port = (host, colon + port) if colon else (port, "")
    if not _PORT.fullmatch(port):
        raise ValueError(f'invalid port "{port}" after host')
    if found := _BAD_HOST_ESCAPE.search(host) or BAD_ESCAPE.search(host):
        raise ValueError(f'invalid URL escape "{host[found.start() :][:3]}"')
    if found := _BAD_IN_HOST.search(host):
        raise ValueError(f'invalid character "{found[0]}" in host name')


def _host_and_port(authority: str) -> tuple[str, str]:
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        inside, _, port = host[1:].rpartition("]")
        return inside, port.removeprefix(":")
    name, colon, port = host.rpartition(":")
    return (name, port) if colon else (port, "")

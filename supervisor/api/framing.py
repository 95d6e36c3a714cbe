"""Rejection of HTTP/1.1 requests with ambiguous length (request smuggling).

If a proxy in front of the server interprets the length differently, one client could
inject a request into the connection of another. h11 already rejects differing or
malformed Content-Lengths, repeated Transfer-Encodings or codings other than `chunked`,
spaces before a colon, control characters, and chunks without line ends. This module
rejects what h11 accepts.

Rules
- Content-Length together with Transfer-Encoding is a 400, and so is Transfer-Encoding
  in HTTP/1.0, which does not define it.
- The connection is closed after the response.

Follows RFC 9112, section 6.1 and 6.3.
"""

import h11


class StrictConnection(h11.Connection):
    """The server's side of one connection."""

    def next_event(
        self,
    ) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Raises h11.RemoteProtocolError for rejected requests."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            _check(event)
        return event


def _check(request: h11.Request) -> None:
    names = {name for name, _ in request.headers}
    if b"transfer-encoding" not in names:
        return
    if b"content-length" in names:
        raise h11.RemoteProtocolError("Content-Length with Transfer-Encoding")
    if request.http_version < b"1.1":
        raise h11.RemoteProtocolError("Transfer-Encoding in HTTP/1.0")

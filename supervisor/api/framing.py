"""HTTP/1.1 requests whose end two readers could see in different places are refused.

A proxy in front of us that takes the other reading would let one client put a request
into the connection of another (request smuggling). h11 refuses most of it by itself:
several Content-Lengths that differ or are no plain numbers, several Transfer-Encodings
or any but `chunked`, spaces before a colon, control characters, chunks without their
line ends. What it lets pass is refused here.

Rules
- Content-Length together with Transfer-Encoding is 400; so is Transfer-Encoding in
  HTTP/1.0, which does not know it.
- The connection ends after such an answer.

Follows RFC 9112, section 6.1 and 6.3.
"""

import h11


class StrictConnection(h11.Connection):
    """The server's side of one connection."""

    def next_event(
        self,
    ) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Raises h11.RemoteProtocolError for what is refused."""
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

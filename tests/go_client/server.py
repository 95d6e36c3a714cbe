"""A server on loopback that answers as a case says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from tests.go_client.answers import PLAIN, Answer


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """The port. What asks for `end` gets a plain answer."""
    stop = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        sent = answer.sent.replace(b"{port}", b"%d" % port)

        def serve_one(peer: socket.socket) -> None:
            with closing(peer), suppress(OSError):
                request = peer.recv(65536)
                is_last = b"end" in request.split(b"\r\n")[0]
                peer.sendall(PLAIN if is_last else sent)
                if answer.stays and not is_last:
                    stop.wait(2)
                peer.shutdown(socket.SHUT_WR)
                # A close with bytes unread would be a reset.
                while peer.recv(65536):
                    continue

        def serve() -> None:
            while not stop.is_set():
                with suppress(OSError):
                    peer, _ = listener.accept()
                    threading.Thread(
                        target=serve_one, args=(peer,), daemon=True
                    ).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)

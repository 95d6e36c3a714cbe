"""Streams between a user and a container: logs, a running command, a port.

Plain blocking objects. What the runtime opens, the agent hands on and the API relays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class StreamFailure(Exception):
    """The engine broke a stream off, or refuses it. It is told to the stream's user,
    and is no fault of the program.
    """


@dataclass(frozen=True)
class LogOptions:
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    since: float | None = None
    """Only lines written after this instant."""
    limit_bytes: int | None = None


class LogStream(Protocol):
    """Chunks of log bytes; `close` from another thread ends the iteration."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class ImageArchive(Protocol):
    """Chunks of an image's archive; `close` from another thread ends the iteration.

    An iteration that ends early raises; it never looks like the end of the archive.
    """

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class ExecSession(Protocol):
    """A running command. One thread may read while another writes.

    stdout and stderr come apart unless `tty`, where all is stdout.
    """

    def read(self) -> tuple[int, bytes] | None:
        """The next piece as (1 for stdout or 2 for stderr, bytes); None at the end."""

    def write(self, data: bytes) -> None:
        """Feed stdin."""

    def close_stdin(self) -> None: ...

    def resize(self, width: int, height: int) -> None: ...

    def exit_code(self) -> int:
        """Valid after `read` has answered None."""

    def close(self) -> None:
        """Drop the connection; ends a blocked `read`."""


class ByteStream(Protocol):
    """A connection to a port of a pod."""

    def read(self) -> bytes:
        """The next bytes; empty at the end."""

    def write(self, data: bytes) -> None: ...

    def close_write(self) -> None: ...

    def close(self) -> None: ...

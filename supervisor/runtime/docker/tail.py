"""The end of the one file in a tar, which is read as it comes and never held whole.

Follows pkg/kubelet/kuberuntime (tail.ReadAtMost): of a long file the last bytes count.
"""

import tarfile
from collections.abc import Callable

_PIECE = 1 << 16
_MAX_READ = 64 << 20
"""A file that is longer is not read to its end: it would take minutes."""


class _Source:
    """What tarfile reads a stream from: `read(n)` is short only at the end."""

    def __init__(self, read_some: Callable[[], bytes]) -> None:
        self._read_some = read_some
        self._rest = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (data := self._read_some()):
            self._rest += data
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found


def last_bytes(read_some: Callable[[], bytes], most: int) -> bytes:
    """The last `most` bytes of the file that the tar begins with.

    `read_some` gives the next bytes of the tar, empty at its end. A directory is as an
    empty file; of a file beyond 64 MiB it is the beginning that is given. Raises
    tarfile.TarError where the tar ends too early.
    """
    # A stream is never sought in, though the type stubs ask for it.
    source: object = _Source(read_some)
    with tarfile.open(fileobj=source, mode="r|") as tar:  # type: ignore[call-overload]
        entry = tar.next()
        file = tar.extractfile(entry) if entry and entry.isfile() else None
        if entry is None or file is None:
            return b""
        if entry.size > _MAX_READ:
            return bytes(file.read(most))
        kept = b""
        while data := file.read(_PIECE):
            kept = (kept + data)[-most:]
        return kept

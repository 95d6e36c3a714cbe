"""The end of the first file in a tar archive, read as a stream.

Follows pkg/kubelet/kuberuntime (tail.ReadAtMost): the last bytes of a long file count.
"""

import tarfile
from collections.abc import Callable

_PIECE = 1 << 16
_MAX_READ = 64 << 20
"""A longer file is not read to its end, which would take minutes."""


class _Source:
    """A file object for tarfile: `read(n)` is short only at the end."""

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
    """The last `most` bytes of the first file in a tar archive.

    `read_some` returns the next bytes of the archive, empty at its end. A directory
    counts as an empty file; of a file over 64 MiB the first bytes are returned. Raises
    tarfile.TarError if the archive is truncated.
    """
    # Streaming mode does not seek, though the type stubs require it.
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

"""The end of a file in a tar, however the tar comes in pieces."""

import io
import tarfile
from collections.abc import Callable

import pytest

from supervisor.runtime.docker.volumes.tail import last_bytes


def tar(data: bytes, kind: bytes = tarfile.REGTYPE, name: str = "message") -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as made:
        entry = tarfile.TarInfo(name)
        entry.type, entry.size = kind, len(data)
        made.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def pieces(data: bytes, size: int) -> Callable[[], bytes]:
    stream = io.BytesIO(data)
    return lambda: stream.read(size)


@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 4097, 8192, 9000, 300_000])
@pytest.mark.parametrize("size", [511, 8192, 1 << 20])
def test_a_file_of_any_length_is_cut_to_its_end(length: int, size: int) -> None:
    """The pieces in which the engine sends it make no difference."""
    data = bytes(n % 251 for n in range(length))

    assert last_bytes(pieces(tar(data), size), 4096) == data[-4096:]


def test_a_long_name_comes_before_its_file() -> None:
    """Its header of its own is not taken for the file."""
    data = tar(b"said", name="d" * 300)

    assert last_bytes(pieces(data, 1000), 4096) == b"said"


def test_what_is_no_file_has_no_message() -> None:
    """A directory at the path is as good as nothing."""
    assert last_bytes(pieces(tar(b"", tarfile.DIRTYPE), 512), 4096) == b""


def test_a_tar_that_ends_early_is_not_taken_for_a_short_file() -> None:
    """The engine went away: the message is read again later."""
    data = tar(b"x" * 9000)[:6000]

    with pytest.raises(tarfile.TarError):
        last_bytes(pieces(data, 1000), 4096)


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    """Beyond 64 MiB its beginning is the message."""
    length, sent = (64 << 20) + 1, 0
    entry = tarfile.TarInfo("message")
    entry.size = length
    head = entry.tobuf() + b"begin"

    def read_some() -> bytes:
        nonlocal sent
        sent += 1
        return head if sent == 1 else bytes(1 << 16)

    assert last_bytes(read_some, 4096)[:5] == b"begin"
    assert sent < 5

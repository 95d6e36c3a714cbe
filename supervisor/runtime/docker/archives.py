"""Tar archives, as Docker's API takes them. Pure."""

import io
import stat
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


def of_files(files: Mapping[str, bytes], mode: int) -> bytes:
    """Files by name, all with the same permissions."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = mode, len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


@dataclass(frozen=True)
class Folder:
    path: str
    group: int | None
    """With a group, new files in the folder belong to it (setgid)."""


@dataclass(frozen=True)
class Plain:
    """A regular file."""

    path: str
    data: bytes
    mode: int
    group: int | None


Entry = Folder | Plain | tuple[str, str]
"""A tuple is a symbolic link: its path, and its target."""


def of_entries(entries: Iterable[Entry], written_at: float) -> bytes:
    """`written_at` is their time of modification, in seconds since the epoch."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for entry in entries:
            info, data = _info(entry)
            info.mtime = written_at
            tar.addfile(info, io.BytesIO(data))
    return archive.getvalue()


def _info(entry: Entry) -> tuple[tarfile.TarInfo, bytes]:
    match entry:
        case Folder(path, group):
            info = tarfile.TarInfo(path)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            if group is not None:
                info.gid, info.mode = group, 0o755 | stat.S_ISGID
            return info, b""
        case Plain(path, data, mode, group):
            info = tarfile.TarInfo(path)
            info.mode, info.size, info.gid = mode, len(data), group or 0
            return info, data
        case (path, target):
            info = tarfile.TarInfo(path)
            info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, target
            return info, b""


def paths(read_some: Callable[[], bytes]) -> list[str]:
    """The paths in an archive, without a leading `./` and a trailing `/`.

    Raises tarfile.TarError.
    """
    content = b"".join(iter(read_some, b""))
    with tarfile.open(fileobj=io.BytesIO(content), mode="r") as tar:
        names = (name.removeprefix("./").rstrip("/") for name in tar.getnames())
        return [name for name in names if name not in ("", ".")]


def of_nested_folders(names: Sequence[str], mode: int, group: int | None) -> bytes:
    """Each folder inside the one before; with a group, setgid as well."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for depth in range(len(names)):
            entry = tarfile.TarInfo("/".join(names[: depth + 1]))
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            if group is not None:
                entry.gid, entry.mode = group, mode | stat.S_ISGID
            tar.addfile(entry)
    return archive.getvalue()

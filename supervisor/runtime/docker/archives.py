"""Tar archives, as Docker's API takes them. Pure."""

import io
import stat
import tarfile
from collections.abc import Mapping, Sequence


def of_files(files: Mapping[str, bytes], mode: int) -> bytes:
    """Files by name, all with the same permissions."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = mode, len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


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

"""The layout of volumes whose files we write."""

import io
import tarfile

from supervisor.runtime.base import File
from supervisor.runtime.docker import archives
from supervisor.runtime.docker.volumes import file_volumes

FILES = {"a": File(b"1", 0o644), "deep/er/b": File(b"2", 0o400)}


def listed(group: int | None) -> list[tuple[str, int, int, bytes]]:
    """Path, mode, group and content of what is written."""
    content = archives.of_entries(file_volumes.tree("x", FILES, group), 5.0)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found = []
        for member in tar:
            assert member.mtime == 5
            data = tar.extractfile(member) if member.isfile() else None
            text = data.read() if data else b""
            found.append((member.name, member.mode, member.gid, text))
        return found


def test_files_are_in_a_directory_of_their_own() -> None:
    """Folders come before what is in them."""
    assert listed(None) == [
        ("..x", 0o755, 0, b""),
        ("..x/deep", 0o755, 0, b""),
        ("..x/deep/er", 0o755, 0, b""),
        ("..x/a", 0o644, 0, b"1"),
        ("..x/deep/er/b", 0o400, 0, b"2"),
    ]


def test_a_group_may_read_the_files() -> None:
    """Whatever their mode."""
    assert listed(2000)[-1] == ("..x/deep/er/b", 0o440, 2000, b"2")
    assert listed(2000)[0] == ("..x", 0o2755, 2000, b"")


def test_links_lead_through_the_present_data() -> None:
    """One for each name at the top."""
    assert file_volumes.links(FILES) == [("a", "..data/a"), ("deep", "..data/deep")]


def test_names_and_directories_that_are_not_used_any_more_are_removed() -> None:
    """Contents first; what an interrupted write has left goes as well."""
    present = ["..data", "..data_tmp", "..old", "..old/a", "..half", "a", "gone"]

    assert file_volumes.surplus(present, FILES) == [
        "..old/a",
        "..half",
        "..old",
        "gone",
    ]


def test_any_change_changes_the_digest() -> None:
    """Of content, mode, path or group."""
    others = [
        ({"a": File(b"2", 0o644)}, None),
        ({"a": File(b"1", 0o600)}, None),
        ({"b": File(b"1", 0o644)}, None),
        ({"a": File(b"1", 0o644)}, 1),
        ({}, None),
    ]
    digests = {file_volumes.digest_of(files, group) for files, group in others}

    assert len(digests) == len(others)
    assert file_volumes.digest_of({"a": File(b"1", 0o644)}, None) not in digests

"""Who could lead a subPath astray on an engine that binds by path."""

from typing import Any

import pytest

from supervisor.runtime.docker.volumes.sub_paths import keeps_sub_paths, writers


def running(source: str, *, writable: bool = True, **more: Any) -> dict[str, Any]:
    mount = {"Type": "bind", "Source": source, "RW": writable}
    return {"Names": ["/other"], "Image": "i", "Labels": None, "Mounts": [mount]} | more


@pytest.mark.parametrize(
    ("source", "can"),
    [
        ("/data", True),
        ("/data/", True),
        ("/", True),
        ("/data/a", True),
        # They can change what is in the folder, and not where its path leads.
        ("/data/a/b", False),
        ("/data/a/b/c", False),
        ("/data/z", False),
        ("/dat", False),
        ("/data/ab", False),
        ("", False),
    ],
)
def test_who_can_put_a_link_on_the_way_to_a_folder(source: str, can: bool) -> None:
    """Whoever can write in one of the folders that the path leads through."""
    assert (writers([running(source)], "/data/a/b") == ["other"]) is can


def test_who_cannot_write_is_no_danger() -> None:
    """Nor is a sandbox, whose process never writes."""
    sandbox = running(
        "/data",
        Labels={"io.kubernetes.docker.type": "podsandbox"},
        Image="supervisor/pause:1",
    )
    forged = sandbox | {"Image": "other"}

    assert writers([running("/data", writable=False), sandbox], "/data/a") == []
    assert writers([forged], "/data/a") == ["other"]
    assert writers([running("/data", Mounts=None)], "/data/a") == []


def test_engines_that_keep_a_sub_path_in_its_volume() -> None:
    """From API 1.45 on; numbers are compared, not text."""
    assert keeps_sub_paths("1.45") and keeps_sub_paths("1.100")
    assert not keeps_sub_paths("1.44") and not keeps_sub_paths("1.5")

"""Volumes of pods on a real engine: who can write where, and how long it lasts."""

from dataclasses import replace
from pathlib import Path

import pytest

from supervisor.runtime.base import Mount, MountRefused
from tests.contract.runtime.lab import new_pod
from tests.integration.runtime.engine import Engine

pytestmark = pytest.mark.docker


def test_empty_dir(engine: Engine) -> None:
    """An emptyDir is writable for any user, and outlives restarts."""
    pod = replace(new_pod(), volumes=("data",))
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/data", "data"),)
    write = "echo $(id -u) > /data/file"

    first, _ = engine.run(pod, sandbox, write, mounts=here, user="1234")
    _, text = engine.run(pod, sandbox, "cat /data/file", mounts=here, attempt=1)

    assert first.exit_code == 0
    assert text == "1234\n"


def test_read_only_mount(engine: Engine) -> None:
    """A volume that is mounted read-only cannot be written to."""
    pod = replace(new_pod(), volumes=("data",))
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/data", "data", read_only=True),)

    ended, text = engine.run(pod, sandbox, "echo x 2>&1 > /data/file", mounts=here)

    assert ended.exit_code != 0
    assert "Read-only" in text


def test_memory_volume(engine: Engine) -> None:
    """A volume in memory has its size as a limit, and outlives its containers."""
    pod = replace(new_pod(), memory_volumes={"fast": 1 << 20})
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/fast", "fast"),)
    script = """
    grep ' /fast ' /proc/mounts
    echo kept > /fast/a
    head -c 3m /dev/zero > /fast/b && echo too much
    """

    _, text = engine.run(pod, sandbox, script, mounts=here, user="1234")
    _, kept = engine.run(pod, sandbox, "cat /fast/a", mounts=here, attempt=1)

    assert "tmpfs /fast tmpfs" in text
    assert "too much" not in text
    assert kept == "kept\n"


@pytest.mark.parametrize("kind", ["", "DirectoryOrCreate"])
def test_host_path_is_created(engine: Engine, tmp_path: Path, kind: str) -> None:
    """A directory on the host that need not exist is made by the engine."""
    folder = tmp_path / "new"
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/host", host_path=str(folder), host_path_type=kind),)

    engine.run(pod, sandbox, "echo hi > /host/file", mounts=here)

    assert (folder / "file").read_text() == "hi\n"


def test_host_path_must_exist(engine: Engine, tmp_path: Path) -> None:
    """A directory that must exist and does not is refused by its path."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    gone = str(tmp_path / "gone")
    here = (Mount("/host", host_path=gone, host_path_type="Directory"),)

    with pytest.raises(MountRefused, match=f"failed: {gone} is not a directory"):
        engine.runtime.create_container(engine.config(pod, sandbox, "sh", mounts=here))


@pytest.mark.parametrize(
    ("path", "kind", "word"),
    [
        ("/etc/hostname", "Directory", "directory"),
        ("/etc", "File", "file"),
        ("/etc/hostname", "Socket", "socket file"),
        ("/etc", "CharDevice", "character device"),
        ("/dev/null", "BlockDevice", "block device"),
    ],
)
def test_host_path_of_another_kind(
    engine: Engine, path: str, kind: str, word: str
) -> None:
    """A hostPath that is of another kind than asked for is refused, leaving nothing."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/thing", host_path=path, host_path_type=kind),)

    with pytest.raises(MountRefused, match=f"{path} is not a {word}"):
        engine.runtime.create_container(engine.config(pod, sandbox, "sh", mounts=here))

    seen = engine.runtime.pod(pod.pod_uid)
    assert seen and seen.containers == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/etc", "Directory"),
        ("/etc/hostname", "File"),
        ("/var/run/docker.sock", "Socket"),
        ("/dev/null", "CharDevice"),
    ],
)
def test_host_path_of_the_right_kind(engine: Engine, path: str, kind: str) -> None:
    """A hostPath of the kind asked for is mounted."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/thing", host_path=path, host_path_type=kind),)

    ended, _ = engine.run(pod, sandbox, "test -e /thing", mounts=here)

    assert ended.exit_code == 0


def test_a_file_of_the_host_is_created(engine: Engine, tmp_path: Path) -> None:
    """If it is missing; what is in one that exists stays."""
    path = tmp_path / "file"
    here = (Mount("/thing", host_path=str(path), host_path_type="FileOrCreate"),)
    for word in ("one", "two"):
        pod = new_pod()
        sandbox = engine.runtime.start_sandbox(pod)
        ended, _ = engine.run(pod, sandbox, f"echo {word} >> /thing", mounts=here)
        assert ended.exit_code == 0

    assert path.read_text() == "one\ntwo\n"


def test_a_file_is_created_only_in_a_directory(engine: Engine, tmp_path: Path) -> None:
    """Its directory is not."""
    path = tmp_path / "gone" / "file"
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    here = (Mount("/thing", host_path=str(path), host_path_type="FileOrCreate"),)

    with pytest.raises(MountRefused, match=r"gone is not a directory"):
        engine.runtime.create_container(engine.config(pod, sandbox, "sh", mounts=here))


def test_many_messages(engine: Engine) -> None:
    """An attempt far beyond those prepared for has a termination message as well."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    path = "/some/where/message"
    ended, _ = engine.run(
        pod,
        sandbox,
        f"echo over > {path}",
        attempt=77,
        termination_message_path=path,
        read_only_root=True,
        user="1234",
    )

    assert engine.runtime.termination_message(ended.id, path, 100) == b"over\n"


def test_the_group_of_volumes(engine: Engine) -> None:
    """fsGroup owns emptyDirs on disk and in memory, and what anybody makes in them."""
    pod = replace(
        new_pod(), volumes=("disk",), memory_volumes={"fast": None}, fs_group=2345
    )
    sandbox = engine.runtime.start_sandbox(pod)
    here = (
        Mount("/disk", "disk"),
        Mount("/fast", "fast"),
        Mount("/sub", "disk", sub_path="a/b", group=2345),
    )
    script = """
    for folder in /disk /fast /sub; do
        touch $folder/file
        stat -c '%n %a %g' $folder
        stat -c '%n %g' $folder/file
    done
    """

    _, text = engine.run(pod, sandbox, script, mounts=here, user="1234:1234")

    assert text.splitlines() == [
        "/disk 2777 2345",
        "/disk/file 2345",
        "/fast 2777 2345",
        "/fast/file 2345",
        "/sub 2777 2345",
        "/sub/file 2345",
    ]

"""subPath on a real engine: a folder of the volume, and never what a link points to.

The machine's engine decides which half is tested: one with API 1.45 or newer keeps a
subPath in its volume itself, an older one binds by path where nobody can write.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from supervisor.runtime.base import (
    EngineRefused,
    Mount,
    MountRefused,
    MountUnsafe,
    NotFound,
    SandboxConfig,
)
from supervisor.runtime.docker.volumes.sub_paths import keeps_sub_paths
from tests.contract.runtime.lab import new_pod
from tests.integration.runtime.engine import Engine

pytestmark = pytest.mark.docker

READ = "cat /mnt/file"


def host(path: Path, sub_path: str, **more: object) -> Mount:
    mount = Mount("/mnt", "v", str(path), sub_path=sub_path)
    return replace(mount, **more)  # type: ignore[arg-type]


def pod_with(path: Path, kind: str = "") -> SandboxConfig:
    volume = Mount("", "v", str(path), host_path_type=kind)
    return replace(new_pod(), host_volumes=(volume,))


def keeps(engine: Engine) -> bool:
    """Whether the engine keeps a subPath in its volume by itself."""
    return keeps_sub_paths(engine.runtime.info().api_version)


def create(engine: Engine, pod: SandboxConfig, sandbox: str, mount: Mount) -> str:
    config = engine.config(pod, sandbox, "sh", "-c", READ, mounts=(mount,))
    return engine.runtime.create_container(config)


def test_a_folder_of_a_host_path(engine: Engine, tmp_path: Path) -> None:
    """The folder below the hostPath is mounted, and nothing else of it."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("mine\n")
    pod = pod_with(tmp_path, "Directory")
    sandbox = engine.runtime.start_sandbox(pod)

    mount = host(tmp_path, "a/b")
    _, text = engine.run(pod, sandbox, f"{READ}; ls /mnt", mounts=(mount,))

    assert text == "mine\nfile\n"


def test_a_file_of_a_host_path(engine: Engine, tmp_path: Path) -> None:
    """A subPath may be a file."""
    (tmp_path / "one").write_text("mine\n")
    pod = pod_with(tmp_path)
    sandbox = engine.runtime.start_sandbox(pod)

    _, text = engine.run(pod, sandbox, "cat /mnt", mounts=(host(tmp_path, "one"),))

    assert text == "mine\n"


def test_what_is_missing_is_made(engine: Engine, tmp_path: Path) -> None:
    """The volume and the subPath, with the mode of the volume; they stay."""
    root = tmp_path / "root"
    root.mkdir(mode=0o777)
    root.chmod(0o777)
    pod = pod_with(root)
    sandbox = engine.runtime.start_sandbox(pod)

    script = "echo hi > /mnt/file"
    mount = host(root, "a/b")
    ended, _ = engine.run(pod, sandbox, script, mounts=(mount,), user="1234")
    engine.runtime.remove_container(ended.id)
    engine.runtime.remove_sandbox(sandbox)
    engine.runtime.remove_volumes(pod.pod_uid)

    assert (root / "a" / "b" / "file").read_text() == "hi\n"
    assert (root / "a").stat().st_mode & 0o777 == 0o777


def test_a_sub_path_of_an_empty_dir(engine: Engine) -> None:
    """Any user may write in a subPath of an emptyDir, on disk or in memory."""
    pod = replace(new_pod(), volumes=("disk",), memory_volumes={"fast": None})
    sandbox = engine.runtime.start_sandbox(pod)

    for attempt, name in enumerate(("disk", "fast")):
        here = (Mount("/mnt", name, sub_path="a/b"),)
        script = f"echo hi > /mnt/file; {READ}"
        _, text = engine.run(
            pod, sandbox, script, mounts=here, user="1234", attempt=attempt
        )
        assert text == "hi\n"


def test_a_link_that_stays_inside(engine: Engine, tmp_path: Path) -> None:
    """A link within the volume is followed."""
    (tmp_path / "v2").mkdir()
    (tmp_path / "v2" / "file").write_text("mine\n")
    (tmp_path / "now").symlink_to("v2")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "up").symlink_to("../now")
    pod = pod_with(tmp_path)
    sandbox = engine.runtime.start_sandbox(pod)

    for attempt, sub_path in enumerate(("now", "deep/up")):
        here = (host(tmp_path, sub_path),)
        _, text = engine.run(pod, sandbox, READ, mounts=here, attempt=attempt)
        assert text == "mine\n"


@pytest.mark.parametrize(
    ("link", "target", "sub_path"),
    [
        ("x", "/etc", "x"),
        ("x", "/", "x/etc"),
        ("x", "../../..", "x/etc"),
        ("x", "../secret", "x"),
        ("x", "/nowhere", "x"),
        ("x", "nothing", "x"),
        ("x", "/proc/self/root/etc", "x"),
    ],
)
def test_a_link_that_leads_out(
    engine: Engine, tmp_path: Path, link: str, target: str, sub_path: str
) -> None:
    """It is refused before a container is made, whoever has put it there."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("secret\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / link).symlink_to(target)
    pod = pod_with(root)
    sandbox = engine.runtime.start_sandbox(pod)

    with pytest.raises(MountUnsafe, match=f'subPath "{sub_path}" of volume "v"'):
        create(engine, pod, sandbox, host(root, sub_path))

    seen = engine.runtime.pod(pod.pod_uid)
    assert seen and seen.containers == ()


@pytest.mark.parametrize("kind", ["Directory", "File"])
def test_a_volume_that_is_not_there(engine: Engine, tmp_path: Path, kind: str) -> None:
    """The sandbox is refused by the path, and nothing is left."""
    pod = pod_with(tmp_path / "gone", kind)

    with pytest.raises(MountRefused, match=r"/gone") as refused:
        engine.runtime.start_sandbox(pod)

    assert refused.value.host_path == str(tmp_path / "gone")
    engine.runtime.remove_volumes(pod.pod_uid)
    assert engine.runtime.pod(pod.pod_uid) is None


@pytest.mark.parametrize(("path", "kind"), [("/etc/hostname", ""), ("/etc", "File")])
def test_a_volume_of_another_kind(engine: Engine, path: str, kind: str) -> None:
    """Only a folder has folders."""
    pod = pod_with(Path(path), kind)
    sandbox = engine.runtime.start_sandbox(pod)

    with pytest.raises(MountRefused, match=f"{path} is not a"):
        create(engine, pod, sandbox, host(Path(path), "x", host_path_type=kind))


def test_a_link_in_an_empty_dir(engine: Engine) -> None:
    """An init container's link does not lead to the host."""
    pod = replace(new_pod(), volumes=("data",))
    sandbox = engine.runtime.start_sandbox(pod)
    everything = (Mount("/data", "data"),)
    engine.run(pod, sandbox, "ln -s /etc /data/x", mounts=everything, name="init")

    with pytest.raises(MountUnsafe, match="leads out of it: x is a link"):
        create(engine, pod, sandbox, Mount("/mnt", "data", sub_path="x"))


def test_a_link_that_comes_between_check_and_mount(
    engine: Engine, tmp_path: Path
) -> None:
    """A path that has changed since the container was made is not mounted."""
    root, secret = tmp_path / "root", tmp_path / "secret"
    (root / "x").mkdir(parents=True)
    secret.mkdir()
    (secret / "file").write_text("secret\n")
    pod = pod_with(root)
    sandbox = engine.runtime.start_sandbox(pod)
    made = create(engine, pod, sandbox, host(root, "x"))

    (root / "x").rmdir()
    (root / "x").symlink_to("../secret")

    with pytest.raises((EngineRefused, NotFound)):
        engine.runtime.start_container(made)
    assert "secret" not in engine.logs(made)


def test_a_folder_on_the_way_becomes_a_link(engine: Engine, tmp_path: Path) -> None:
    """The same for a part of the path that is not its last, and a link inside."""
    root = tmp_path / "root"
    (root / "a" / "x").mkdir(parents=True)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "file").write_text("secret\n")
    pod = pod_with(root)
    sandbox = engine.runtime.start_sandbox(pod)
    made = create(engine, pod, sandbox, host(root, "a/x"))

    (root / "a").rename(root / "b")
    (root / "a").symlink_to("..")

    with pytest.raises((EngineRefused, NotFound)):
        engine.runtime.start_container(made)
    assert "secret" not in engine.logs(made)


def test_a_container_of_the_pod_that_can_write(engine: Engine, tmp_path: Path) -> None:
    """An older engine refuses, naming who can write and the version that is needed."""
    (tmp_path / "x").mkdir()
    pod = pod_with(tmp_path)
    sandbox = engine.runtime.start_sandbox(pod)
    mount = host(tmp_path, "x", changed_by=("init",))

    if keeps(engine):
        assert create(engine, pod, sandbox, mount)
        return
    with pytest.raises(MountUnsafe, match=r'API 1\.45.*"init" of this pod can write'):
        create(engine, pod, sandbox, mount)


@pytest.mark.parametrize(("read_only", "refused"), [(False, True), (True, False)])
def test_another_pod_that_can_write(
    engine: Engine, tmp_path: Path, read_only: bool, refused: bool
) -> None:
    """The same, if a container of another pod runs with the path writable."""
    (tmp_path / "data" / "x").mkdir(parents=True)
    other = new_pod()
    there = engine.runtime.start_sandbox(other)
    above = Mount("/up", host_path=str(tmp_path), read_only=read_only)
    writer = engine.start(other, there, ("sleep", "60"), mounts=(above,), name="other")
    pod = pod_with(tmp_path / "data")
    sandbox = engine.runtime.start_sandbox(pod)
    mount = host(tmp_path / "data", "x")

    if refused and not keeps(engine):
        text = rf"API 1\.45.*container k8s_other_{re.escape(other.pod_name)}"
        with pytest.raises(MountUnsafe, match=text):
            create(engine, pod, sandbox, mount)
    else:
        assert create(engine, pod, sandbox, mount)
    engine.runtime.kill_container(writer)


def test_a_writer_that_comes_between_check_and_mount(
    engine: Engine, tmp_path: Path
) -> None:
    """A container that has got write access since is seen before the mount."""
    if keeps(engine):
        pytest.skip("this engine keeps subPaths in their volumes by itself")
    (tmp_path / "x").mkdir()
    pod = pod_with(tmp_path)
    sandbox = engine.runtime.start_sandbox(pod)
    made = create(engine, pod, sandbox, host(tmp_path, "x"))

    above = Mount("/up", host_path=str(tmp_path))
    writer = engine.start(pod, sandbox, ("sleep", "60"), mounts=(above,), name="w")

    with pytest.raises(MountUnsafe, match="container k8s_w_"):
        engine.runtime.start_container(made)
    engine.runtime.kill_container(writer)

"""What the agent may rely on for volumes, for the fake engine and for Docker."""

from dataclasses import replace
from uuid import uuid4

import pytest

from supervisor.runtime.base import (
    DockerVolume,
    File,
    Mount,
    MountUnsafe,
    NotFound,
    SandboxLacks,
)
from supervisor.runtime.docker.volumes.sub_paths import keeps_sub_paths
from tests.contract.runtime.lab import (
    Lab,
    container,
    new_pod,
    see,
)


@pytest.mark.parametrize("volumes", [(), ("data",)])
def test_volumes_outlive_containers(lab: Lab, volumes: tuple[str, ...]) -> None:
    """A pod whose containers are gone is seen until its volumes are removed."""
    pod = replace(new_pod(), volumes=volumes)
    lab.runtime.remove_sandbox(lab.runtime.start_sandbox(pod))

    seen = see(lab, pod)
    assert (seen.sandboxes, seen.containers, seen.name) == ((), (), pod.pod_name)
    assert pod.pod_uid in lab.runtime.pods()

    lab.runtime.remove_volumes(pod.pod_uid)
    lab.runtime.remove_volumes(pod.pod_uid)
    assert lab.runtime.pod(pod.pod_uid) is None
    assert pod.pod_uid not in lab.runtime.pods()


def test_a_sub_path_that_could_lead_astray(lab: Lab) -> None:
    """An engine that cannot keep it in its volume refuses it, and makes nothing."""
    if keeps_sub_paths(lab.runtime.info().api_version):
        pytest.skip("this engine keeps subPaths in their volumes by itself")
    pod = replace(new_pod(), volumes=("data",))
    sandbox = lab.runtime.start_sandbox(pod)
    mount = Mount("/mnt", "data", sub_path="a", changed_by=("init",))
    config = replace(container(lab, pod, sandbox), mounts=(mount,))

    with pytest.raises(MountUnsafe, match=r"needs .*API 1\.45.*init"):
        lab.runtime.create_container(config)

    assert see(lab, pod).containers == ()


def test_a_sandbox_that_does_not_hold_a_volume(lab: Lab) -> None:
    """One of an earlier version is told of as such."""
    pod = new_pod()
    sandbox = lab.runtime.start_sandbox(pod)
    mount = Mount("/mnt", "host", "/srv", sub_path="a")
    config = replace(container(lab, pod, sandbox), mounts=(mount,))

    with pytest.raises(SandboxLacks, match="does not hold"):
        lab.runtime.create_container(config)


def test_files_of_a_volume_are_written_once(lab: Lab) -> None:
    """Equal files again change nothing; others replace all of them."""
    pod = replace(new_pod(), file_volumes=("conf",))
    sandbox = lab.runtime.start_sandbox(pod)
    first = {"a": File(b"1", 0o644), "deep/b": File(b"2", 0o400)}
    second = {"a": File(b"3", 0o644), "c": File(b"", 0o644)}

    def write(files: dict[str, File], group: int | None = None) -> bool:
        return lab.runtime.write_files(sandbox, "conf", files, group)

    assert [write(first), write(first), write(second)] == [True, False, True]
    assert [write(second, 2000), write(second, 2000)] == [True, False]
    assert [write({}), write({}), write(first)] == [True, False, True]


def test_files_are_written_only_into_a_volume_of_the_sandbox(lab: Lab) -> None:
    """Not into one that it does not hold, and not when it is gone."""
    pod = replace(new_pod(), file_volumes=("conf",))
    sandbox = lab.runtime.start_sandbox(pod)

    with pytest.raises(NotFound):
        lab.runtime.write_files(sandbox, "other", {}, None)
    lab.runtime.remove_sandbox(sandbox)
    with pytest.raises(NotFound):
        lab.runtime.write_files(sandbox, "conf", {}, None)


def test_a_volume_of_a_claim_outlives_its_pod(lab: Lab) -> None:
    """It is removed by name, once no container has it."""
    name = f"pvc-{uuid4()}"
    mount = Mount("/data", "data", docker_volume=DockerVolume(name))
    pod = replace(new_pod(), claimed_volumes=(replace(mount, path=""),))
    sandbox = lab.runtime.start_sandbox(pod)
    config = replace(container(lab, pod, sandbox), mounts=(mount,))
    lab.runtime.start_container(lab.runtime.create_container(config))

    for found in see(lab, pod).containers:
        lab.runtime.remove_container(found.id)
    lab.runtime.remove_sandbox(sandbox)
    lab.runtime.remove_volumes(pod.pod_uid)
    assert lab.has_volume(name)

    for _ in range(2):
        lab.runtime.remove_volume(name)
        assert not lab.has_volume(name)

"""What is asked for reaches Docker's API as the right words."""

from dataclasses import replace

import pytest

from supervisor.runtime.base import (
    ContainerConfig,
    EngineRefused,
    HostsFile,
    Mount,
    PortBinding,
    ResolvConf,
    SandboxConfig,
)
from supervisor.runtime.docker.pods import bodies as docker_config
from supervisor.runtime.docker.volumes import mounts

OWNER = {"supervisor.cluster": "c", "supervisor.node": "n"}
SANDBOX = SandboxConfig("uid", "web", "default", 1, "web-host")
CONTAINER = ContainerConfig("uid", "web", "default", "app", 2, "sand", "image")


def sandbox(config: SandboxConfig) -> docker_config.Body:
    return docker_config.sandbox(config, image="pause", network="bridge", owner=OWNER)


def container(config: ContainerConfig) -> docker_config.Body:
    return docker_config.container(config, owner=OWNER, mounts={})


def test_names() -> None:
    """Names are those of dockershim."""
    assert docker_config.name(SANDBOX) == "k8s_POD_web_default_uid_1"
    assert docker_config.name(CONTAINER) == "k8s_app_web_default_uid_2"


def test_labels_cannot_be_overruled() -> None:
    """A label that is ours wins against one that was given."""
    config = replace(CONTAINER, labels={"supervisor.cluster": "other", "own": "x"})

    labels = container(config)["Labels"]

    assert labels["supervisor.cluster"] == "c"
    assert labels["own"] == "x"
    assert labels["io.kubernetes.docker.type"] == "container"


def test_ports() -> None:
    """Ports with a host port are published, the others only exposed."""
    ports = (PortBinding(80, "TCP", 8080, "10.0.0.1"), PortBinding(53, "UDP", 0))

    body = sandbox(replace(SANDBOX, ports=ports))

    assert body["ExposedPorts"] == {"80/tcp": {}, "53/udp": {}}
    assert body["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "10.0.0.1", "HostPort": "8080"}]
    }


def test_ports_that_have_to_be_reached() -> None:
    """Where that is the way, the engine chooses a port of the host for each."""
    ports = (PortBinding(80, "TCP", 8080),)
    config = replace(SANDBOX, ports=ports, reached_ports=(80, 90))

    assert "90/tcp" not in sandbox(config)["ExposedPorts"]
    body = docker_config.sandbox(
        config, image="pause", network="bridge", owner=OWNER, publish_at="10.0.0.7"
    )

    ours = {"HostIp": "10.0.0.7", "HostPort": ""}
    assert body["ExposedPorts"].keys() == {"80/tcp", "90/tcp"}
    assert body["HostConfig"]["PortBindings"] == {
        "80/tcp": [{"HostIp": "", "HostPort": "8080"}, ours],
        "90/tcp": [ours],
    }


def test_host_network() -> None:
    """With the host's network there is neither a hostname nor a published port."""
    ports = (PortBinding(80, "TCP", 80),)

    body = sandbox(replace(SANDBOX, host_network=True, ports=ports))

    assert body["HostConfig"]["NetworkMode"] == "host"
    assert "Hostname" not in body and "PortBindings" not in body["HostConfig"]


def test_kernel_settings_are_the_sandboxes() -> None:
    """The containers share its namespaces."""
    body = sandbox(replace(SANDBOX, sysctls={"net.ipv4.tcp_syncookies": "1"}))

    assert body["HostConfig"]["Sysctls"] == {"net.ipv4.tcp_syncookies": "1"}


def test_seccomp() -> None:
    """The engine's own profile needs no word."""
    assert container(CONTAINER)["HostConfig"]["SecurityOpt"] == []
    config = replace(CONTAINER, seccomp="unconfined", no_new_privileges=True)
    assert container(config)["HostConfig"]["SecurityOpt"] == [
        "no-new-privileges",
        "seccomp=unconfined",
    ]


def test_files_of_etc_give_way_to_mounts_of_the_pod() -> None:
    """Where the pod has its own hosts file, ours is left out."""
    config = replace(CONTAINER, hosts=HostsFile(), resolv_conf=ResolvConf())
    names = {"/etc/hosts": "hosts", "/etc/resolv.conf": "resolv.conf"}
    assert mounts.managed(config) == names

    own = replace(config, mounts=(Mount("/etc/hosts/", "data"),))
    assert mounts.managed(own) == {"/etc/resolv.conf": "resolv.conf"}


def test_command() -> None:
    """A command replaces the entrypoint; without one the image's stays."""
    assert "Entrypoint" not in container(CONTAINER)
    assert "Cmd" not in container(CONTAINER)

    body = container(replace(CONTAINER, command=("sh", "-c"), args=("true",)))

    assert (body["Entrypoint"], body["Cmd"]) == (["sh", "-c"], ["true"])


@pytest.mark.parametrize(("millis", "quota"), [(500, 50000), (2000, 200000), (1, 1000)])
def test_cpu_limit(millis: int, quota: int) -> None:
    """A limit is a quota per period, and never below what the kernel takes."""
    host = container(replace(CONTAINER, cpu_quota_millis=millis))["HostConfig"]

    assert (host["CpuPeriod"], host["CpuQuota"]) == (100_000, quota)


def test_no_limits() -> None:
    """What is not limited is not mentioned."""
    host = container(CONTAINER)["HostConfig"]

    assert not {"CpuQuota", "Memory", "MemorySwap"} & host.keys()


def mounted(mount: Mount) -> mounts.Body:
    return mounts.of_container(replace(CONTAINER, mounts=(mount,)))


HOST_FOLDER = Mount("/mnt", "v", "/srv", sub_path="a/b", read_only=True)


def folder_of(mount: Mount, folder: mounts.Folder) -> mounts.Body:
    config = replace(CONTAINER, mounts=(mount,))
    body = mounts.of_container(config, folders={mount: folder}, labels={"a": "b"})
    assert body["Binds"] == []
    (found,) = body["Mounts"]
    return dict(found)


def test_sub_path_that_the_engine_keeps_in_its_volume() -> None:
    """A hostPath is made a volume for that, which belongs to the pod."""
    body = folder_of(HOST_FOLDER, mounts.Folder("a/b"))

    assert (body["Type"], body["Source"]) == ("volume", "k8s_uid_v")
    assert body["ReadOnly"] is True
    assert body["VolumeOptions"] == {
        "NoCopy": True,
        "Subpath": "a/b",
        "Labels": {"a": "b"},
        "DriverConfig": {
            "Name": "local",
            "Options": {"type": "none", "o": "rbind", "device": "/srv"},
        },
    }
    plain = folder_of(replace(HOST_FOLDER, host_path=""), mounts.Folder("a"))
    assert plain["VolumeOptions"] == {"NoCopy": True, "Subpath": "a"}


def test_sub_path_that_is_bound() -> None:
    """Elsewhere it is bound by the path that was looked at."""
    body = folder_of(HOST_FOLDER, mounts.Folder("c", "/srv/c"))

    assert body == {
        "Type": "bind",
        "Source": "/srv/c",
        "Target": "/mnt",
        "ReadOnly": True,
    }


def test_the_group_of_volumes() -> None:
    """The sandbox's process is in the group that it gives volumes to."""
    config = replace(
        SANDBOX, volumes=("a",), memory_volumes={"b": None}, messages=("c",)
    )
    paths = ["/volumes/a", "/volumes/b", "+/messages/c"]

    assert sandbox(config)["Cmd"][-3:] == paths
    assert sandbox(config)["HostConfig"]["GroupAdd"] == []
    grouped = sandbox(replace(config, fs_group=7))
    assert grouped["Cmd"][-4:] == ["@7", *paths]
    assert grouped["HostConfig"]["GroupAdd"] == ["7"]


def test_the_sandbox_holds_volumes_with_sub_paths() -> None:
    """hostPaths beside emptyDirs; one that must exist is not made."""
    volumes = (
        Mount("", "new", "/new"),
        Mount("", "old", "/old", host_path_type="Directory"),
    )
    host = sandbox(replace(SANDBOX, host_volumes=volumes))["HostConfig"]

    assert host["Binds"] == ["/new:/volumes/new:rw"]
    assert host["Mounts"][-1] == {
        "Type": "bind",
        "Source": "/old",
        "Target": "/volumes/old",
        "ReadOnly": False,
    }


def test_unknown_host_path_type() -> None:
    """A type that an engine cannot provide is refused, with those that it can."""
    mount = Mount("/data", host_path="/x", host_path_type="Symlink")

    with pytest.raises(EngineRefused, match=r"'Symlink' of '/x'.*'Directory'"):
        mounted(mount)


def test_colon_in_a_path() -> None:
    """A colon cannot be said in a bind, and is said to be so."""
    with pytest.raises(EngineRefused, match="colon"):
        mounted(Mount("/data", host_path="/a:b"))

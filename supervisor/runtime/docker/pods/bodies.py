"""Request bodies of Docker's API for sandboxes and containers. Pure.

Names and labels are dockershim's, so that other tools recognize our containers.
Follows dockershim's helpers.go, docker_sandbox.go and docker_container.go.
"""

from collections.abc import Mapping
from typing import Any

from supervisor.runtime.base import (
    ATTEMPT,
    CONTAINER_NAME,
    CONTAINER_TYPE,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    SANDBOX,
    ContainerConfig,
    PortBinding,
    SandboxConfig,
)
from supervisor.runtime.docker.volumes import mounts as volume_mounts

Body = dict[str, Any]

SANDBOX_NAME = "POD"
_QUOTA_PERIOD = 100_000
_MIN_QUOTA = 1_000
"""The kernel's minimum, in microseconds per period."""
_LOGS = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "5"}}
_NO_HEALTHCHECK = {"Test": ["NONE"]}
"""Probes are defined by the pod; nothing reads the result of an image's own check."""


def name(config: SandboxConfig | ContainerConfig) -> str:
    inner = config.name if isinstance(config, ContainerConfig) else SANDBOX_NAME
    pod = f"{config.pod_name}_{config.namespace}_{config.pod_uid}"
    return f"k8s_{inner}_{pod}_{config.attempt}"


def labels(config: SandboxConfig | ContainerConfig, owner: Mapping[str, str]) -> Body:
    common = pod_labels(config, owner) | {ATTEMPT: str(config.attempt)}
    if isinstance(config, SandboxConfig):
        return {
            **config.labels,
            **common,
            CONTAINER_NAME: SANDBOX_NAME,
            CONTAINER_TYPE: "podsandbox",
        }
    return {
        **config.labels,
        **common,
        CONTAINER_NAME: config.name,
        CONTAINER_TYPE: "container",
        SANDBOX: config.sandbox_id,
    }


def pod_labels(
    config: SandboxConfig | ContainerConfig, owner: Mapping[str, str]
) -> Body:
    """Labels of everything that belongs to the pod, volumes included."""
    return {
        POD_NAME: config.pod_name,
        POD_NAMESPACE: config.namespace,
        POD_UID: config.pod_uid,
        **owner,
    }


def sandbox(
    config: SandboxConfig,
    *,
    image: str,
    network: str,
    owner: Mapping[str, str],
    publish_at: str = "",
) -> Body:
    """If `publish_at` is set, `config.reached_ports` are published at that address."""
    host: Body = {
        "NetworkMode": "host" if config.host_network else network,
        "IpcMode": "shareable",
        "Sysctls": dict(config.sysctls),
        **volume_mounts.of_sandbox(config, pod_labels(config, owner)),
        # Its process never writes; a log would only cost a file and a thread.
        "LogConfig": {"Type": "none", "Config": {}},
        # No reduced CPU share: the process only waits, but has to start fast.
        "ReadonlyRootfs": True,
        # Dropping all capabilities confines this small program well enough. Loading a
        # seccomp filter would take a tenth of the time of the start.
        "CapDrop": ["ALL"],
        # A member of a group may chgrp its own files without any capability.
        "GroupAdd": [] if config.fs_group is None else [str(config.fs_group)],
        "SecurityOpt": ["no-new-privileges", "seccomp=unconfined"],
        "RestartPolicy": {"Name": "no"},
    }
    body: Body = {
        "Image": image,
        "Cmd": volume_mounts.for_pause(config),
        "Labels": labels(config, owner),
        "HostConfig": host,
    }
    if not config.host_network:
        body["Hostname"] = config.hostname
        bindings = _bindings(config, publish_at)
        exposed: Body = {_port(p): {} for p in config.ports}
        body["ExposedPorts"] = exposed | {port: {} for port in bindings}
        host["PortBindings"] = bindings
    return body


def _port(port: PortBinding) -> str:
    return f"{port.container_port}/{port.protocol.lower()}"


def _bindings(
    config: SandboxConfig, publish_at: str
) -> Mapping[str, list[Mapping[str, str]]]:
    bindings: dict[str, list[Mapping[str, str]]] = {}
    for port in config.ports:
        if port.host_port:
            at = {"HostIp": port.host_ip, "HostPort": str(port.host_port)}
            bindings.setdefault(_port(port), []).append(at)
    for number in config.reached_ports if publish_at else ():
        # Without a number the engine chooses a free port.
        at = {"HostIp": publish_at, "HostPort": ""}
        bindings.setdefault(f"{number}/tcp", []).append(at)
    return bindings


def container(
    config: ContainerConfig, *, owner: Mapping[str, str], mounts: Body
) -> Body:
    body: Body = {
        "Image": config.image,
        "Env": [f"{key}={value}" for key, value in config.env],
        "User": config.user,
        "WorkingDir": config.working_dir,
        "OpenStdin": config.stdin,
        "AttachStdin": config.stdin,
        "StdinOnce": config.stdin_once,
        "Tty": config.tty,
        "Healthcheck": _NO_HEALTHCHECK,
        "Labels": labels(config, owner),
        "HostConfig": _isolation(config) | _limits(config) | mounts,
    }
    if config.command:
        body["Entrypoint"] = list(config.command)
    if config.args:
        body["Cmd"] = list(config.args)
    return body


def _isolation(config: ContainerConfig) -> Body:
    inside = f"container:{config.sandbox_id}"
    return {
        "NetworkMode": inside,
        "IpcMode": inside,
        "PidMode": inside if config.share_processes else "",
        "GroupAdd": [str(group) for group in config.groups],
        "CapAdd": list(config.capabilities_add),
        "CapDrop": list(config.capabilities_drop),
        "Privileged": config.privileged,
        "ReadonlyRootfs": config.read_only_root,
        "SecurityOpt": _security(config),
        "LogConfig": _LOGS,
        "RestartPolicy": {"Name": "no"},
    }


def _security(config: ContainerConfig) -> list[str]:
    found = ["no-new-privileges"] if config.no_new_privileges else []
    return found + ([f"seccomp={config.seccomp}"] if config.seccomp else [])


def _limits(config: ContainerConfig) -> Body:
    limits: Body = {"CpuShares": config.cpu_shares}
    if config.cpu_quota_millis:
        quota = config.cpu_quota_millis * _QUOTA_PERIOD // 1000
        limits |= {"CpuPeriod": _QUOTA_PERIOD, "CpuQuota": max(_MIN_QUOTA, quota)}
    if config.memory_bytes:
        # Equal values mean no swap.
        limits |= {"Memory": config.memory_bytes, "MemorySwap": config.memory_bytes}
    return limits

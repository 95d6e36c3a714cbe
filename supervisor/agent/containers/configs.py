"""A pod's spec in the terms of the engine: its sandbox, and each of its containers.

Follows pkg/kubelet/kuberuntime/{kuberuntime_sandbox,kuberuntime_container}.go.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from supervisor.agent.containers import limits, network, security
from supervisor.agent.containers.downward import Facts
from supervisor.agent.containers.environment import Objects, environment
from supervisor.agent.containers.process_text import unusable
from supervisor.agent.containers.reached_ports import reached_ports
from supervisor.agent.containers.seccomp import seccomp
from supervisor.agent.pods.failures import config_error
from supervisor.agent.pods.plan.actions import StartContainer
from supervisor.agent.pods.plan.steps import pod_grace, spec_hash
from supervisor.agent.pods.plan.stopping import TERMINATION_GRACE
from supervisor.agent.volumes import mounts
from supervisor.agent.volumes.claimed import NOTHING_CLAIMED, Claimed
from supervisor.model.pod import Capabilities, Container, Pod, SecurityContext
from supervisor.runtime.base import (
    BACKOFF_STEP,
    SPEC_HASH,
    ContainerConfig,
    Image,
    PortBinding,
    SandboxConfig,
)


def sandbox_config(
    pod: Pod, attempt: int, claims: Mapping[str, Claimed] = NOTHING_CLAIMED
) -> SandboxConfig:
    """`claims` are what the claims of the pod are bound to."""
    meta, spec = pod.metadata, pod.spec
    return SandboxConfig(
        pod_uid=meta.uid,
        pod_name=meta.name,
        namespace=meta.namespace,
        attempt=attempt,
        hostname=network.hostname(pod),
        host_network=spec.host_network,
        ports=() if spec.host_network else _ports(pod),
        reached_ports=() if spec.host_network else reached_ports(pod),
        hosts=network.hosts_file(pod),
        sysctls=network.sysctls(pod),
        volumes=mounts.empty_dirs(pod),
        fs_group=mounts.fs_group(pod),
        memory_volumes=mounts.memory_volumes(pod),
        file_volumes=mounts.file_volumes(pod),
        host_volumes=mounts.host_volumes(pod, claims),
        claimed_volumes=mounts.claimed_volumes(claims),
        messages=_with_message(pod),
    )


def _with_message(pod: Pod) -> tuple[str, ...]:
    rows = pod.spec.all_containers
    return tuple(c.name for c in rows if c.termination_message_path)


def _ports(pod: Pod) -> tuple[PortBinding, ...]:
    rows = pod.spec.all_containers
    return tuple(
        PortBinding(p.container_port, p.protocol, p.host_port, p.host_ip)
        for container in rows
        for p in container.ports
        if p.host_port
    )


def container_config(
    facts: Facts,
    container: Container,
    start: StartContainer,
    *,
    sandbox_id: str,
    image: Image,
    objects: Objects,
    seccomp_folder: Path,
    claims: Mapping[str, Claimed] = NOTHING_CLAIMED,
) -> ContainerConfig:
    """Raises StartFailed when the spec cannot be met as things are."""
    pod, meta = facts.pod, facts.pod.metadata
    found = environment(facts, container, objects)
    plain = ContainerConfig(
        pod_uid=meta.uid,
        pod_name=meta.name,
        namespace=meta.namespace,
        name=container.name,
        attempt=start.attempt,
        sandbox_id=sandbox_id,
        image=container.image,
        labels=_labels(pod, container, start),
        command=_usable("command", found.expand_all(container.command)),
        args=_usable("args", found.expand_all(container.args)),
        env=tuple(found.variables.items()),
        working_dir=_usable("workingDir", (container.working_dir,))[0],
        mounts=mounts.mounts(pod, container, found.expand, claims),
        stdin=container.stdin,
        stdin_once=container.stdin_once,
        tty=container.tty,
        termination_message_path=container.termination_message_path,
        hosts=network.hosts_file(pod),
        resolv_conf=network.resolv_conf(pod),
    )
    profile = seccomp(pod, container, seccomp_folder)
    return replace(_confined(plain, pod, container, image), seccomp=profile)


def _usable(field: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """`words`, unless a process cannot be given one of them."""
    for word in words:
        if why := unusable(word):
            raise config_error(f"{field} cannot be given to a process: {why}")
    return words


def _confined(
    config: ContainerConfig, pod: Pod, container: Container, image: Image
) -> ContainerConfig:
    """`config` with what the container may use and do."""
    sizes = limits.limits(container)
    secure = container.security_context or SecurityContext()
    powers = secure.capabilities or Capabilities()
    return replace(
        config,
        user=security.user(pod, container, image),
        groups=security.groups(pod),
        cpu_shares=sizes.cpu_shares,
        cpu_quota_millis=sizes.cpu_quota_millis,
        memory_bytes=sizes.memory_bytes,
        privileged=secure.privileged,
        read_only_root=secure.read_only_root_filesystem,
        no_new_privileges=secure.allow_privilege_escalation is False,
        capabilities_add=powers.add,
        capabilities_drop=powers.drop,
        share_processes=pod.spec.share_process_namespace,
        host_network=pod.spec.host_network,
    )


def _labels(pod: Pod, container: Container, start: StartContainer) -> dict[str, str]:
    return {
        BACKOFF_STEP: str(start.backoff_step),
        SPEC_HASH: spec_hash(container),
        TERMINATION_GRACE: f"{pod_grace(pod):.0f}",
    }

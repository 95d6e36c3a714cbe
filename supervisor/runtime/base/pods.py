"""Pods on an engine: their sandboxes and containers."""

from collections.abc import Mapping
from typing import Protocol

from supervisor.runtime.base.configs import ContainerConfig, SandboxConfig
from supervisor.runtime.base.observed import ObservedPod


class Pods(Protocol):
    """A sandbox holds a pod's network; the pod's containers join it.

    Stopping, killing or removing what is already stopped or gone succeeds.
    """

    # -- observing
    def pods(self) -> Mapping[str, ObservedPod]:
        """Every pod that has anything on the engine, by uid.

        Volumes count: a pod is listed until its last container and volume are removed.
        """

    def pod(self, uid: str) -> ObservedPod | None:
        """The same for one pod, in a few milliseconds."""

    # -- sandboxes
    def start_sandbox(self, config: SandboxConfig) -> str:
        """Create and start a sandbox with its volumes; return its id.

        The pause image is loaded onto the engine if it is missing. A sandbox that fails
        to start is removed.
        """

    def remove_sandbox(self, sandbox_id: str) -> None:
        """Kill and remove it; volumes stay."""

    # -- containers
    def create_container(self, config: ContainerConfig) -> str:
        """Return the id. Raises NotFound when the engine does not have the image."""

    def start_container(self, container_id: str) -> None: ...

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        """Send the stop signal, and SIGKILL after the grace period; return when the
        container has ended."""

    def kill_container(self, container_id: str) -> None:
        """Send SIGKILL; return when the container has ended."""

    def remove_container(self, container_id: str) -> None:
        """Remove it and its logs; a running one is killed first."""

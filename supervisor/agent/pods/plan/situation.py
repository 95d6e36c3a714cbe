"""Everything that a plan is made from, and the questions that it asks of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from supervisor.agent.pods.admission.rules import Rejection
from supervisor.agent.pods.plan.history import History
from supervisor.agent.pods.plan.restarts import Backoff, backoff_of
from supervisor.model.pod import Container, ContainerStatus, Pod
from supervisor.model.times import to_seconds
from supervisor.probing.base import Kind, Result, Verdicts
from supervisor.runtime.base import ObservedContainer, ObservedPod, State

SANDBOX_NAME = "POD"
"""Stands for the sandbox where containers are named."""


@dataclass(frozen=True)
class Hold:
    """Something went wrong at a container's start: what, and when to try again."""

    reason: str
    message: str
    until: float
    image: str = ""
    """What was to be started; the hold is for no other image. Empty: for any."""


@dataclass(frozen=True)
class Situation:
    pod: Pod
    seen: ObservedPod
    verdicts: Verdicts
    now: float
    holds: Mapping[str, Hold] = field(default_factory=dict)
    """By container name; SANDBOX_NAME for the sandbox."""
    rejection: Rejection | None = None
    """Why the node does not take the pod, of which nothing has been started."""

    @cached_property
    def sandbox(self) -> ObservedContainer | None:
        """The newest sandbox, if it runs. Without it no container has a network."""
        newest = next(iter(self.seen.sandboxes), None)
        alive = newest is not None and newest.state is State.RUNNING
        return newest if alive else None

    @cached_property
    def backoff(self) -> Backoff:
        return backoff_of(self.pod)

    @cached_property
    def sidecars(self) -> tuple[Container, ...]:
        return tuple(c for c in self.pod.spec.init_containers if is_sidecar(c))

    def history(self, container: str) -> History:
        instances = tuple(c for c in self.seen.containers if c.name == container)
        return History(instances, reported(self.pod, container))

    def is_here(self, instance: ObservedContainer) -> bool:
        """It lives, or lived, in the present sandbox."""
        sandbox = self.sandbox
        return sandbox is not None and instance.sandbox_id in ("", sandbox.id)

    def verdict(self, container: str, kind: Kind, container_id: str) -> Result | None:
        """What a probe says of this very instance; None when it says nothing."""
        found = self.verdicts.get((container, kind))
        if found is None or found.container_id != container_id or not found.is_known:
            return None
        return None if found.result is Result.UNKNOWN else found.result

    def is_started(self, container: Container, instance: ObservedContainer) -> bool:
        """Its startup probe has passed, now or before we came here."""
        if instance.state is not State.RUNNING:
            return False
        if container.startup_probe is None:
            return True
        said = self.verdict(container.name, Kind.STARTUP, instance.id)
        if said is not None:
            return said is Result.SUCCESS
        before = self.reported_of(container, instance)
        return before is not None and before.started

    def is_ready(self, container: Container, instance: ObservedContainer) -> bool:
        """Runs, has started, and its readiness probe, if any, has passed."""
        if not self.is_started(container, instance):
            return False
        if container.readiness_probe is None:
            return True
        said = self.verdict(container.name, Kind.READINESS, instance.id)
        if said is not None:
            return said is Result.SUCCESS
        before = self.reported_of(container, instance)
        return before is not None and before.ready

    def reported_of(
        self, container: Container, instance: ObservedContainer
    ) -> ContainerStatus | None:
        """The last status of this very instance.

        It speaks for probes that have not spoken yet, so that a new agent does not
        make a running pod unready.
        """
        before = reported(self.pod, container.name)
        same = before is not None and before.container_id == f"docker://{instance.id}"
        return before if same else None

    @cached_property
    def deadline(self) -> float | None:
        """When activeDeadlineSeconds are over."""
        limit, since = self.pod.spec.active_deadline_seconds, self.pod.status.start_time
        if limit is None or since is None:
            return None
        return to_seconds(since) + limit


def is_sidecar(container: Container) -> bool:
    """An init container that goes on beside the regular ones."""
    return container.restart_policy == "Always"


def reported(pod: Pod, container: str) -> ContainerStatus | None:
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    return next((s for s in statuses if s.name == container), None)

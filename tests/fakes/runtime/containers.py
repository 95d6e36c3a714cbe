"""The containers of the fake engine: how they come, run, die and go, with events.

Follows what Docker does and tells, as tests/contract/runtime proves it.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from supervisor.runtime.base import (
    ATTEMPT,
    CLUSTER,
    CONTAINER_NAME,
    CONTAINER_TYPE,
    NODE,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    SANDBOX,
    ContainerConfig,
    ContainerPaused,
    MountUnsafe,
    NotFound,
    ObservedContainer,
    ObservedPod,
    RuntimeEvent,
    RuntimeFailure,
    SandboxConfig,
    SandboxLacks,
    State,
)
from supervisor.runtime.reach import PublishedPort
from tests.fakes.runtime.events import FakeEvents
from tests.fakes.runtime.logs import Line
from tests.fakes.runtime.programs import FakeExec

MESSAGES = "POD"
"""The volume that every pod has, with or without emptyDirs."""


class Now(Protocol):
    def now(self) -> float: ...


@dataclass
class Held:
    """One container, or sandbox, that the fake engine has."""

    seen: ObservedContainer
    config: ContainerConfig | SandboxConfig
    ip: str = ""
    published: tuple[PublishedPort, ...] = ()
    lines: list[Line] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    attached: list[FakeExec] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        return self.seen.state is State.RUNNING

    def is_of(self, pod: str) -> bool:
        """Whether `pod` is the name or the uid of its pod."""
        return pod in (self.config.pod_name, self.config.pod_uid)


class Containers:
    """Everything in it is done under the lock of `changed`, which the caller holds."""

    def __init__(self, clock: Now, cluster: str, node: str) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.by_id: dict[str, Held] = {}
        self.paused: set[str] = set()
        self.volumes: dict[tuple[str, str], tuple[str, str]] = {}
        """(pod uid, volume) to the pod's name and namespace."""
        self._clock = clock
        self._owner = {CLUSTER: cluster, NODE: node}
        self._streams: list[FakeEvents] = []
        self._made = 0
        self._last_port = 32767

    # -- finding
    def running(self, container_id: str) -> Held:
        held = self.get(container_id)
        if not held.runs:
            raise NotFound(f"Container {container_id} is not running")
        return held

    def going_on(self, container_id: str) -> Held:
        """One that runs and is not paused."""
        if container_id in self.paused:
            raise ContainerPaused(f"Container {container_id} is paused")
        return self.running(container_id)

    def get(self, container_id: str) -> Held:
        if container_id not in self.by_id:
            raise NotFound(f"No such container: {container_id}")
        return self.by_id[container_id]

    def named(self, pod: str, name: str) -> Held:
        """The newest one of a name in a pod, for tests."""
        for held in reversed(self.by_id.values()):
            if held.seen.name == name and held.is_of(pod):
                return held
        raise AssertionError(f"the engine has no container {name!r} of pod {pod!r}")

    def uids(self) -> list[str]:
        of_containers = [h.config.pod_uid for h in self.by_id.values()]
        return list(dict.fromkeys([*of_containers, *(uid for uid, _ in self.volumes)]))

    def pod(self, uid: str) -> ObservedPod | None:
        mine = [h for h in self.by_id.values() if h.config.pod_uid == uid]
        names = [(h.config.pod_name, h.config.namespace) for h in mine]
        names += [name for (owner, _), name in self.volumes.items() if owner == uid]
        if not names:
            return None
        mine.reverse()
        sandboxes = [h for h in mine if h.seen.name == "POD"]
        return ObservedPod(
            uid=uid,
            name=names[0][0],
            namespace=names[0][1],
            sandboxes=tuple(h.seen for h in sandboxes),
            containers=tuple(h.seen for h in mine if h.seen.name != "POD"),
            ip=sandboxes[0].ip if sandboxes and sandboxes[0].runs else "",
            published=sandboxes[0].published if sandboxes and sandboxes[0].runs else (),
        )

    # -- changing
    def make(
        self,
        name: str,
        config: ContainerConfig | SandboxConfig,
        *,
        image: str,
        image_id: str,
    ) -> Held:
        self._made += 1
        container_id = f"{config.pod_name}-{name}-{self._made}".lower()
        seen = ObservedContainer(
            id=container_id,
            name=name,
            state=State.CREATED,
            attempt=config.attempt,
            created_at=self._clock.now(),
            image=image,
            image_id=image_id,
            sandbox_id=getattr(config, "sandbox_id", ""),
            labels=self._labels(name, config),
        )
        held = Held(seen, config)
        if name == "POD" and not getattr(config, "host_network", False):
            held.ip = f"10.88.{self._made // 250}.{self._made % 250 + 2}"
        self.by_id[container_id] = held
        return held

    def _labels(
        self, name: str, config: ContainerConfig | SandboxConfig
    ) -> Mapping[str, str]:
        labels = {
            POD_NAME: config.pod_name,
            POD_NAMESPACE: config.namespace,
            POD_UID: config.pod_uid,
            CONTAINER_NAME: name,
            CONTAINER_TYPE: "podsandbox" if name == "POD" else "container",
            ATTEMPT: str(config.attempt),
            **self._owner,
        }
        if isinstance(config, ContainerConfig):
            labels |= {SANDBOX: config.sandbox_id}
        return {**config.labels, **labels}

    def publish(self, held: Held, config: SandboxConfig, address: str) -> None:
        """Give the ports that have to be reached ports of the host."""
        for port in config.reached_ports:
            self._last_port += 1
            new = PublishedPort(port, self._last_port, address)
            held.published = (*held.published, new)

    def start(self, held: Held) -> None:
        held.seen = replace(
            held.seen,
            state=State.RUNNING,
            started_at=self._clock.now(),
            exit_code=0,
            error="",
        )
        self.tell(held, "start")

    def refuse(self, held: Held, error: str) -> None:
        """A start that the engine refused leaves this behind."""
        held.seen = replace(held.seen, exit_code=127, error=error)

    def die(self, held: Held, code: int, *, oom_killed: bool = False) -> None:
        if not held.runs:
            raise AssertionError(f"{held.seen.id} does not run")
        held.seen = replace(
            held.seen,
            state=State.EXITED,
            finished_at=self._clock.now(),
            exit_code=code,
            oom_killed=oom_killed,
        )
        for session in held.attached:
            session.end()
        self.tell(held, "die")

    def remove(self, held: Held) -> None:
        if held.runs:
            self.die(held, 137)
        del self.by_id[held.seen.id]
        self.tell(held, "destroy")

    # -- telling
    def listen(self) -> FakeEvents:
        stream = FakeEvents()
        self._streams.append(stream)
        return stream

    def tell(self, held: Held, action: str) -> None:
        event = RuntimeEvent(held.config.pod_uid, action, held.seen.name)
        for stream in self._streams:
            stream.put(event)
        self.changed.notify_all()

    def end_streams(self, failure: RuntimeFailure | None) -> None:
        for stream in self._streams:
            stream.end(failure)
        self._streams.clear()


def check_mounts(
    config: ContainerConfig, sandbox: ContainerConfig | SandboxConfig
) -> None:
    """What an engine of API 1.41 has against the subPaths of a container."""
    held = {mount.volume for mount in getattr(sandbox, "host_volumes", ())}
    for mount in config.mounts:
        if mount.changed_by:
            who = mount.changed_by[0]
            raise MountUnsafe(f"{mount.volume} needs API 1.45, since {who} can write")
        if mount.sub_path and mount.host_path and mount.volume not in held:
            raise SandboxLacks(f"the sandbox does not hold {mount.volume}")

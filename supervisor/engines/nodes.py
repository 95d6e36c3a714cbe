"""One node: a Docker engine, the prober that asks its containers, and its agent."""

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from supervisor.agent.agent import Agent
from supervisor.agent.node.status import NodeFacts
from supervisor.client.base import Client
from supervisor.client.events import EventRecorder
from supervisor.client.node import NodeConnection
from supervisor.client.store_view import StoreView, UnmarkedStore
from supervisor.engines.access import Access
from supervisor.machinery.clock import Clock
from supervisor.machinery.loop import EventLoop
from supervisor.machinery.ticker import Ticker
from supervisor.model import endpoint
from supervisor.model.failover import Failover
from supervisor.probing.asker import RealAsker
from supervisor.probing.prober import NodeProber
from supervisor.runtime.base import Runtime
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.runtime.ownership import Claimant


@dataclass(frozen=True)
class Surroundings:
    """What all nodes of this process share."""

    cluster: str
    """Marks our containers on the engines."""
    client: Client
    clock: Clock
    loop: EventLoop
    failover: Failover
    claimant: Claimant
    """For whom engines are claimed."""
    seccomp_folder: Path
    """Where profiles of type Localhost are."""
    store: StoreView = field(default_factory=UnmarkedStore)

    @cached_property
    def ticker(self) -> Ticker:
        """The beat of all hearts."""
        return Ticker(self.clock, self.failover.ping_seconds)


class RunningNode(Protocol):
    """What a keeper has of a node whose agent runs."""

    @property
    def connection(self) -> NodeConnection: ...

    def start(self) -> None: ...

    def relabel(self, labels: Mapping[str, str]) -> None:
        """Have the Node carry these labels from now on."""

    def leftovers(self) -> list[str]:
        """The pods, as NAMESPACE/NAME, that the engine has anything of.

        Raises EngineUnavailable, at once when the engine is known to be away.
        """

    def stop(self, timeout: float = 5.0) -> None:
        """Containers go on running; `timeout` is for each of its parts."""


def runtime_of(name: str, access: Access, cluster: str, clock: Clock) -> DockerRuntime:
    """The engine; nothing is sent to it yet. Raises ValueError for an address that
    cannot be reached at all.
    """
    return DockerRuntime(
        access.endpoint,
        cluster=cluster,
        node=name,
        network=access.network,
        tls=access.tls,
        reach=access.reach,
        publish_address=access.publish_address,
        ssh_config=access.ssh_config,
        now=clock.now,
    )


class LocalNode:
    """Satisfies RunningNode in this process; closes `runtime` in the end."""

    def __init__(
        self,
        name: str,
        address: str,
        labels: Mapping[str, str],
        runtime: Runtime,
        around: Surroundings,
    ) -> None:
        self.name = name
        self._runtime = runtime
        #: The agent reads it at every look at the node.
        self._labels = dict(labels)
        client, clock = around.client, around.clock
        self._recorder = EventRecorder(client, clock, "kubelet", name)
        self._asker = RealAsker(around.loop, runtime)
        prober = self._prober(clock)
        facts = NodeFacts(name, address, self._labels, around.seccomp_folder)
        self.agent = Agent(
            facts,
            runtime,
            client,
            clock,
            prober,
            self._recorder,
            failover=around.failover,
            ticker=around.ticker,
            store=around.store,
        )

    def _prober(self, clock: Clock) -> NodeProber:
        started_at = clock.now()

        def jitter(period: float) -> float:
            """Spread the first probes of pods that were there before the daemon."""
            young = clock.now() - started_at < period
            return random.uniform(0, period) if young else 0.0

        return NodeProber(
            self._asker,
            clock,
            wake=lambda uid: self.agent.wake(uid),
            record=lambda obj, type_, reason, message, path: self._recorder.record(
                obj, type_, reason, message, field_path=path
            ),
            jitter=jitter,
        )

    @property
    def connection(self) -> NodeConnection:
        return self.agent.connection

    def start(self) -> None:
        self.agent.start()

    def relabel(self, labels: Mapping[str, str]) -> None:
        # Each step is one of the interpreter, so the agent may read in between.
        self._labels.update(labels)
        for key in self._labels.keys() - labels.keys():
            self._labels.pop(key)
        self.agent.node.wake()

    def leftovers(self) -> list[str]:
        self.agent.site.health.require()
        pods = self._runtime.pods().values()
        return sorted(f"{pod.namespace}/{pod.name}" for pod in pods)

    def stop(self, timeout: float = 5.0) -> None:
        self.agent.stop(timeout)
        self._asker.close()
        self._recorder.stop(timeout)
        self._runtime.close()


def address_of(where: str) -> str:
    """The address of an engine's host, as the Node shows it; a name if it has none."""
    host = endpoint.parse(where).host
    if not host:
        return own_address()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return host  # an alias that only ssh knows
    return str(found[0][4][0])


def own_address() -> str:
    """The address by which this machine goes out; loopback when it has no route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            # Nothing is sent: connecting a datagram socket only chooses a route.
            sock.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = sock.getsockname()[0]
        return address

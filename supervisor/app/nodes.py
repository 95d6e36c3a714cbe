"""The nodes of this process: Docker engines, and an agent with its prober for each."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from supervisor.agent.agent import Agent
from supervisor.agent.node.status import NodeFacts
from supervisor.client.base import Client
from supervisor.client.events import EventRecorder
from supervisor.client.node import NodeConnection
from supervisor.client.store_view import StoreView, UnmarkedStore
from supervisor.engines.access import Access
from supervisor.engines.addresses import address_of
from supervisor.engines.agents import Connected
from supervisor.machinery.clock import Clock
from supervisor.machinery.loop import EventLoop
from supervisor.machinery.ticker import Ticker
from supervisor.model.engine import Engine
from supervisor.model.failover import Failover
from supervisor.probing.asker import RealAsker
from supervisor.probing.prober import NodeProber
from supervisor.runtime.base import Runtime
from supervisor.runtime.docker.runtime import DockerRuntime, Tls


@dataclass(frozen=True)
class Surroundings:
    """What all nodes of this process share."""

    cluster: str
    """Marks our containers on the engines."""
    client: Client
    clock: Clock
    loop: EventLoop
    failover: Failover
    seccomp_folder: Path
    """Contains the profiles of type Localhost."""
    store: StoreView = field(default_factory=UnmarkedStore)

    @cached_property
    def ticker(self) -> Ticker:
        """Times the heartbeats of all nodes."""
        return Ticker(self.clock, self.failover.ping_seconds)


class LocalNodes:
    """An `engines.agents.AgentFactory` of Docker engines and agents in this process."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def open(self, name: str, access: Access) -> Runtime:
        tls = access.tls
        return DockerRuntime(
            access.endpoint,
            cluster=self._around.cluster,
            node=name,
            network=access.network,
            tls=Tls(tls.ca, tls.certificate, tls.key) if tls is not None else None,
            reach=access.reach,
            publish_address=access.publish_address,
            ssh_config=access.ssh_config,
            now=self._around.clock.now,
        )

    def make(self, engine: Engine, connected: Connected) -> "LocalNode":
        spec = engine.spec
        address, labels = address_of(spec.endpoint), spec.labels or {}
        return LocalNode(engine.name, address, labels, connected.runtime, self._around)


class LocalNode:
    """An `engines.agents.NodeAgent` in this process; closes `runtime` when it stops."""

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
        #: Shared with the agent, which reads it whenever it updates the Node.
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
            """Spread the first probes of pods that ran before the daemon started."""
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
        # Each step is atomic in the interpreter, so the agent may read in between.
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

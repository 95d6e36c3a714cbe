"""One node: a Docker engine, the prober that asks its containers, and its agent."""

import random
import socket

from supervisor.agent.agent import Agent
from supervisor.agent.node_status import NodeFacts
from supervisor.app.settings import NodeSettings, engine_address, node_name
from supervisor.client.base import Client
from supervisor.client.events import EventRecorder
from supervisor.client.node import NodeConnection
from supervisor.machinery.clock import Clock
from supervisor.machinery.loop import EventLoop
from supervisor.model.errors import unavailable
from supervisor.model.failover import Failover
from supervisor.probing.asker import RealAsker
from supervisor.probing.prober import NodeProber
from supervisor.runtime.docker import DockerRuntime


class LocalNode:
    """Everything of one node that runs in this process."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        cluster: str,
        client: Client,
        clock: Clock,
        loop: EventLoop,
        failover: Failover,
    ) -> None:
        self.name = node_name(settings)
        self._recorder = EventRecorder(client, clock, "kubelet", self.name)
        self._runtime = DockerRuntime(
            engine_address(settings),
            cluster=cluster,
            node=self.name,
            network=settings.network,
        )
        self._asker = RealAsker(loop, self._runtime)
        prober = self._prober(clock)
        facts = NodeFacts(self.name, own_address(), settings.labels)
        self.agent = Agent(
            facts,
            self._runtime,
            client,
            clock,
            prober,
            self._recorder,
            failover=failover,
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

    def start(self) -> None:
        self.agent.start()

    def stop(self) -> None:
        """Containers go on running."""
        self.agent.stop()
        self._asker.close()
        self._recorder.stop()
        self._runtime.close()


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


class LocalNodes:
    """Satisfies client.node.NodeDirectory for the agents of this process."""

    def __init__(self) -> None:
        self._nodes: dict[str, LocalNode] = {}

    def add(self, node: LocalNode) -> None:
        self._nodes[node.name] = node

    def connect(self, node_name: str) -> NodeConnection:
        node = self._nodes.get(node_name)
        if node is None:
            raise unavailable(f'no agent of node "{node_name}" is connected')
        return node.agent.connection

    def start(self) -> None:
        for node in self._nodes.values():
            node.start()

    def stop(self) -> None:
        for node in self._nodes.values():
            node.stop()

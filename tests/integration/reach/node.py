"""A node in this process: the real agent, prober and API, on a given engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from supervisor.agent.agent import Agent
from supervisor.agent.node.status import NodeFacts
from supervisor.api.registry import Registry
from supervisor.client.events import EventRecorder
from supervisor.machinery.clock import SystemClock
from supervisor.machinery.loop import EventLoop
from supervisor.model.meta import Object
from supervisor.probing.asker import RealAsker
from supervisor.probing.prober import NodeProber
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.store.sqlite.store import SqliteStore
from tests import checks

NAME = "n"


class Node:
    def __init__(self, runtime: DockerRuntime) -> None:
        self._runtime = runtime
        self._clock = clock = SystemClock()
        self.api = Registry(SqliteStore(":memory:"), clock)
        self._loop = EventLoop("probes")
        self._recorder = recorder = EventRecorder(self.api, clock, "kubelet", NAME)
        self._asker = RealAsker(self._loop, runtime)
        prober = NodeProber(
            self._asker,
            clock,
            lambda uid: self.agent.wake(uid),
            lambda obj, type_, reason, text, at: recorder.record(
                obj, type_, reason, text, field_path=at
            ),
        )
        facts = NodeFacts(NAME, "127.0.0.1")
        self.agent = Agent(facts, runtime, self.api, clock, prober, recorder)
        self.agent.start()

    def run(self, name: str, *containers: Object, **spec: Any) -> str:
        """Create a pod that is bound to the node; its uid."""
        body = checks.pod_manifest(name, *containers, nodeName=NAME, **spec)
        made = self.api.create("pods", body, "default")
        return str(made["metadata"]["uid"])

    def status(self, name: str) -> Object:
        """Of the first container of a pod; empty while it has none."""
        status = self.api.get("pods", name, "default").get("status", {})
        rows: list[Object] = status.get("containerStatuses") or [{}]
        return rows[0]

    def events(self, reason: str) -> list[str]:
        self._recorder.flush()
        rows = self.api.list("events").items
        return [str(e["message"]) for e in rows if e["reason"] == reason]

    def close(self) -> None:
        self.agent.stop()
        self._asker.close()
        self._recorder.stop()
        self._loop.close()
        self._clock.close()


@contextmanager
def node(runtime: DockerRuntime) -> Iterator[Node]:
    made = Node(runtime)
    try:
        yield made
    finally:
        made.close()

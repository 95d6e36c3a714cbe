"""What a keeper needs of an engine's runtime and agent; `app.nodes` makes both.

An agent in another process would be started behind the same contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from supervisor.client.node import NodeConnection
from supervisor.engines.access import Access
from supervisor.model.engine import Engine
from supervisor.runtime.base import EngineInfo, Runtime


@dataclass(frozen=True)
class Connected:
    """An engine that has answered."""

    runtime: Runtime
    info: EngineInfo


class NodeAgent(Protocol):
    """The agent of one node. It owns its runtime, and closes it when it stops."""

    @property
    def connection(self) -> NodeConnection: ...

    def start(self) -> None: ...

    def relabel(self, labels: Mapping[str, str]) -> None:
        """Replace the labels that the agent gives its Node."""

    def leftovers(self) -> list[str]:
        """The pods, as NAMESPACE/NAME, of which the engine has containers.

        Raises EngineUnavailable, at once if the engine is known not to answer.
        """

    def stop(self, timeout: float = 5.0) -> None:
        """Stop within `timeout` seconds for each part; containers keep running."""


class AgentFactory(Protocol):
    """Chooses the implementations of runtimes and agents."""

    def open(self, name: str, access: Access) -> Runtime:
        """The engine of node `name`. Nothing is sent to it yet.

        Raises ValueError for an endpoint that is not supported.
        """

    def make(self, engine: Engine, connected: Connected) -> NodeAgent:
        """The agent of the engine's node, not started yet."""

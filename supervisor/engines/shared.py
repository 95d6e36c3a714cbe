"""What the keepers of all engines share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supervisor.client.base import Client
from supervisor.engines.accesses import Accesses
from supervisor.engines.agents import AgentFactory
from supervisor.engines.claims import Claims
from supervisor.engines.placeholder_node import PlaceholderNode
from supervisor.engines.removal import Removal
from supervisor.engines.reports import Reports
from supervisor.machinery.clock import Clock
from supervisor.model.engine import Engine
from supervisor.runtime.ownership import Claimant

COMPONENT = "engine-controller"
"""Source of the events about engines."""


@dataclass(frozen=True)
class Shared:
    client: Client
    clock: Clock
    factory: AgentFactory
    accesses: Accesses
    claims: Claims
    reports: Reports
    placeholder_node: PlaceholderNode
    removal: Removal
    engines: Callable[[], Sequence[Engine]]
    """All Engines of this daemon."""
    claimant: Claimant
    """Engines are claimed in its name."""
    taken_over: Callable[[], None]
    """Called after an engine was taken over from another store, before its agent
    starts. Raises ApiError."""

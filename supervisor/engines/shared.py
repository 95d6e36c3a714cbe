"""What the keepers of all Engines have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supervisor.client.base import Client
from supervisor.engines.access import Access, Accesses
from supervisor.engines.claims import Claims
from supervisor.engines.connecting import Connected
from supervisor.engines.nodes import RunningNode
from supervisor.engines.placeholder_node import PlaceholderNode
from supervisor.engines.removal import Removal
from supervisor.engines.reports import Reports
from supervisor.machinery.clock import Clock
from supervisor.model.engine import Engine
from supervisor.runtime.base import Runtime
from supervisor.runtime.ownership import Claimant


@dataclass(frozen=True)
class Shared:
    client: Client
    clock: Clock
    open: Callable[[str, Access], Runtime]
    """The engine of a node; nothing is sent to it yet. Raises ValueError."""
    launch: Callable[[Engine, Connected], RunningNode]
    """Make the node's agent; it is started by the keeper."""
    accesses: Accesses
    claims: Claims
    reports: Reports
    placeholder_node: PlaceholderNode
    removal: Removal
    engines: Callable[[], Sequence[Engine]]
    """All that there are."""
    claimant: Claimant
    """For whom engines are claimed."""
    taken_over: Callable[[], None]
    """Called when an engine of another store has become ours, before anything is done
    there. Raises ApiError."""

"""Several real Docker hosts on one machine; `tests.lab.lab` says more."""

from tests.lab.certificates import Flaw
from tests.lab.commands import LabError
from tests.lab.endpoint import Endpoint
from tests.lab.lab import Lab, borrowed, sweep
from tests.lab.node import Node
from tests.lab.relay import Relay
from tests.lab.settings import Settings
from tests.lab.traffic import Way

__all__ = [
    "Endpoint",
    "Flaw",
    "Lab",
    "LabError",
    "Node",
    "Relay",
    "Settings",
    "Way",
    "borrowed",
    "sweep",
]

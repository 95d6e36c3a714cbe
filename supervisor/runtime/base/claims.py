"""Claims: the engine's record of which store owns it, one for each cluster.

Two daemons with the same `cluster:` on one engine would take each other's containers
for leftovers. So each engine has at most one claim per cluster: a container with a
fixed name, whose labels name the owner's store. An engine creates only one container of
a name, which makes it a lock. Labels of a container cannot change, so a new owner is a
new container.

The container runs, so that `docker system prune` keeps it, and the engine restarts it
after a reboot. Its labels count whether it runs or not.

What follows from a claim is decided in runtime/ownership. The contract tests in
tests/contract/runtime run on the fake and on real engines.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Claim:
    store: str
    """Identity of the owner's store; empty if a container that is not ours has the
    claim's name."""
    node: str = ""
    """The owner's name for the engine."""
    host: str = ""
    """Host name of the owner's daemon when it made the claim."""
    taken_from: str = ""
    """The store that owned the engine before, if the engine was taken over by order."""
    id: str = ""
    """Of the container; empty before it is created."""
    created_at: float = 0.0
    is_running: bool = False
    is_outdated: bool = False
    """Whether its container runs an earlier version's program."""


class EngineClaims(Protocol):
    """The claim of one cluster on one engine."""

    def read(self) -> Claim | None:
        """The current claim."""

    def make(self, claim: Claim, *, in_place_of: str = "") -> None:
        """Record `claim` without starting its container.

        `in_place_of` is the id of the claim to replace: it is removed only after its
        successor has been created. Raises ClaimTaken when there is another claim, and
        EngineRefused.
        """

    def run(self, claim_id: str) -> None:
        """Start the container. Raises NotFound and EngineRefused."""

    def remove(self, claim_id: str) -> None:
        """Remove the claim; it may be gone already."""

"""Whose an engine is, within one cluster: a record that the engine itself keeps.

Two daemons with the same `cluster:` on one engine would take each other's containers
for leftovers. So each engine has, for each cluster, at most one claim: a container with
a fixed name, whose labels say which store its daemon works for. The engine makes only
one container of a name, which is the lock; labels never change, so a new owner is a new
container.

The claim's container runs, so that no `prune` takes it for rubbish, and the engine
starts it again after a reboot. Its labels count whether it runs or not.

What follows from a claim is decided in ownership.py. One suite, tests/contract/runtime,
examines the fake and the real one.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Claim:
    store: str
    """Identity of the owner's store; empty if the container with the claim's name is
    none of ours."""
    node: str = ""
    """What the owner calls the engine."""
    host: str = ""
    """Name of the machine that the owner's daemon ran on when it made the claim."""
    taken_from: str = ""
    """The store that had the engine before, if it was taken over by order."""
    id: str = ""
    """Of the container; empty before it is made."""
    created_at: float = 0.0
    is_running: bool = False


class EngineClaims(Protocol):
    """The claims of one cluster on one engine."""

    def read(self) -> Claim | None:
        """The claim that stands."""

    def make(self, claim: Claim, *, in_place_of: str = "") -> None:
        """Record `claim`; its container does not run yet.

        `in_place_of` is the id of the claim to be replaced: it is removed only when its
        successor has been created. Raises ClaimTaken when there is another claim, and
        EngineRefused.
        """

    def run(self, claim_id: str) -> None:
        """Have the container run. Raises NotFound and EngineRefused."""

    def remove(self, claim_id: str) -> None:
        """That it is gone is fine."""

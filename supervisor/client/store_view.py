"""What an agent has to know about the store behind the API, besides its objects.

An agent in this process is given the store's own answers; one in a process of its own
would ask for them over HTTPS through the same contract.
"""

from dataclasses import dataclass
from typing import Protocol

from supervisor.model.lineage import FOREVER, UNMARKED, Lineage


@dataclass(frozen=True)
class CurrentSession:
    identity: str
    """Of the store."""
    session: str


class StoreView(Protocol):
    @property
    def present(self) -> CurrentSession:
        """Known without asking; it stays as long as the process."""

    def lineage(self) -> Lineage:
        """Raises ApiError."""

    def taken_over(self) -> None:
        """An engine of another store has become ours: containers without marks may be
        that one's, so this store does not count them as its own any more.

        Raises ApiError.
        """

    def unreadable_pods(self) -> frozenset[tuple[str, str]]:
        """(namespace, name) of pods whose objects are damaged in the store."""


class UnmarkedStore:
    """A store that holds all that there is, such as one in the memory of a test."""

    present = CurrentSession("", UNMARKED)

    def lineage(self) -> Lineage:
        return Lineage("", UNMARKED, FOREVER)

    def taken_over(self) -> None:
        return

    def unreadable_pods(self) -> frozenset[tuple[str, str]]:
        return frozenset()

"""What an agent needs to know about the store behind the API, besides its objects.

Implemented in process by `app.store_view.OpenStore`; an agent in another process would
use the same contract over HTTPS.
"""

from dataclasses import dataclass
from typing import Protocol

from supervisor.model.lineage import FOREVER, UNMARKED, Lineage


@dataclass(frozen=True)
class CurrentSession:
    """The identity of the store, and the session in which it is open."""

    identity: str
    session: str


class StoreView(Protocol):
    @property
    def present(self) -> CurrentSession:
        """Constant for the lifetime of the process."""

    def lineage(self) -> Lineage:
        """Raises ApiError."""

    def taken_over(self) -> None:
        """To be called when an engine was taken over from another store.

        Containers without lineage labels may belong to that store, so from now on they
        do not count as this store's. Raises ApiError.
        """

    def unreadable_pods(self) -> frozenset[tuple[str, str]]:
        """(namespace, name) of the pods that are damaged in the store."""


class UnmarkedStore:
    """A store that has lost nothing, such as an in-memory store of a test."""

    present = CurrentSession("", UNMARKED)

    def lineage(self) -> Lineage:
        return Lineage("", UNMARKED, FOREVER)

    def taken_over(self) -> None:
        return

    def unreadable_pods(self) -> frozenset[tuple[str, str]]:
        return frozenset()

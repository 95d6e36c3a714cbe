"""What an agent is told of the store, as tests have it."""

from dataclasses import replace

from supervisor.client.store_view import CurrentSession
from supervisor.model.lineage import FOREVER, UNMARKED, Lineage


class FakeStoreView:
    """A store that has lost nothing; tests put others in its place with `become`."""

    def __init__(self) -> None:
        self.present = CurrentSession("store-1", "session-1")
        self._lineage = Lineage("store-1", "session-1", FOREVER, {UNMARKED: FOREVER})
        self.unreadable: set[tuple[str, str]] = set()

    def become(self, lineage: Lineage) -> None:
        self.present = CurrentSession(lineage.identity, lineage.session)
        self._lineage = lineage

    def taken_over(self) -> None:
        ended = {k: v for k, v in self._lineage.ended.items() if k != UNMARKED}
        self._lineage = replace(self._lineage, ended=ended)

    def lineage(self) -> Lineage:
        return self._lineage

    def unreadable_pods(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.unreadable)

"""The store of this process, as agents need to know it."""

from supervisor.client.store_view import CurrentSession
from supervisor.kinds.identity import POD
from supervisor.model.errors import internal
from supervisor.model.lineage import UNMARKED, Lineage
from supervisor.store.base import Store, StoreError


class OpenStore:
    """Satisfies client.store_view.StoreView."""

    def __init__(self, store: Store) -> None:
        self._store = store
        lineage = store.lineage()
        self.present = CurrentSession(lineage.identity, lineage.session)

    def lineage(self) -> Lineage:
        try:
            return self._store.lineage()
        except StoreError as error:
            raise internal(str(error)) from error

    def taken_over(self) -> None:
        try:
            self._store.revoke_session(UNMARKED)
        except StoreError as error:
            raise internal(str(error)) from error

    def unreadable_pods(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (damage.key.namespace, damage.key.name)
            for damage in self._store.damaged()
            if damage.key.resource == POD.resource
        )

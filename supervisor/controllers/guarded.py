"""A rule that no single object can stop.

Rules
- The rule reads through a TolerantClient: what it cannot read is left out and reported,
  and the key is reconciled again without it.
- An event that `keys_for` cannot read is read again as a repaired object; if that is
  not possible, it wakes nobody.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from supervisor.client.base import Client, WatchEvent
from supervisor.client.tolerant import TolerantClient
from supervisor.controllers.base import AnyRule, concerned
from supervisor.model.meta import Object


class Guarded:
    """The rule that `make` makes, given the client to read through."""

    def __init__(
        self, client: Client, name: str, make: Callable[[Client], AnyRule]
    ) -> None:
        self._screen = TolerantClient(client, name)
        self.rule = make(self._screen)
        self.name = self.rule.name
        self.resources = self.rule.resources
        self.first_keys = self.rule.first_keys

    def keys_for(self, event: WatchEvent) -> Iterable[Hashable]:
        return self.keys_between(None, event)

    def keys_between(
        self, before: WatchEvent | None, event: WatchEvent
    ) -> Iterable[Hashable]:
        keys: set[Hashable] = set()

        def ask(obj: Object) -> None:
            keys.update(concerned(self.rule, before, WatchEvent(event.type, obj)))

        self._screen.try_read(event.object, ask)
        return keys

    def reconcile(self, key: Any) -> float | None:
        return self._screen.guard(lambda: self.rule.reconcile(key))

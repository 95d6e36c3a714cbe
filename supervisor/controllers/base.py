"""The contract of a controller: what wakes it, and what it does about one key.

Rules
- `keys_for` looks only at the event: it says whom the event may concern.
- What is to be done is read from the present in `reconcile`, decided by the module's
  pure `plan`, and performed there one call at a time. `reconcile` raises to be called
  again soon, or returns the instant at which it wants to look again.
- A controller keeps no state that another run could not rebuild.
"""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

from supervisor.client.base import WatchEvent

K = TypeVar("K", bound=Hashable)
EVERYTHING = "*"
"""The key of controllers that look at all objects at once."""


class ObjectKey(NamedTuple):
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Rule(Protocol[K]):
    @property
    def name(self) -> str: ...

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources whose changes it wants to hear of."""

    @property
    def first_keys(self) -> tuple[K, ...]:
        """Keys to reconcile at the start, without any event."""

    def keys_for(self, event: WatchEvent) -> Iterable[K]:
        """The keys that an ADDED, MODIFIED or DELETED object may concern."""

    def reconcile(self, key: K) -> float | None: ...


@runtime_checkable
class Comparing(Protocol):
    """A rule that has to know what a change has changed, in place of `keys_for`."""

    def keys_between(
        self, before: WatchEvent | None, event: WatchEvent
    ) -> Iterable[Any]:
        """The keys that a change may concern; `before` is None for what is new."""


AnyRule = Rule[Any]


def concerned(rule: AnyRule, before: WatchEvent | None, event: WatchEvent) -> set[Any]:
    """The keys of a rule that a change may concern, given the object as it was."""
    if isinstance(rule, Comparing):
        return set(rule.keys_between(before, event))
    seen = [event] if before is None else [before, event]
    return {key for each in seen for key in rule.keys_for(each)}

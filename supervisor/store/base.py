"""The contract of a store: records under keys, each change one revision of one log.

Rules
- A revision is a positive integer; every change takes the next one, across all keys.
- Nothing is acknowledged before it is on disk; after kill -9 every acknowledged change
  is there and the revisions go on.
- A write compares and swaps: it names the revision that it expects to replace.
- `changes` replays the log from a revision; a part of it that was dropped raises
  `Compacted`, and the reader lists again.
- Subscribers are only woken. What has changed they read with `changes`.
- Values are UTF-8 JSON objects. They do not carry their own revision.
- A store has an identity: a random UUID, made with the store and replaced whenever it
  is restored from a backup. Two revisions can be compared only under one identity.
- A record whose bytes have changed on disk is never handed out: reading it raises
  `Damaged`, lists leave it out, and its bytes are kept until a person repairs it.
- All methods may be called from any thread.

One suite, tests/contract/test_store.py, examines every implementation.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple, Protocol

from supervisor.model.lineage import Lineage


class Key(NamedTuple):
    resource: str
    """Plural with group, as in `pods` or `leases.coordination.k8s.io`."""
    namespace: str
    """Empty for cluster-scoped resources."""
    name: str

    def __str__(self) -> str:
        """For people: `pods default/web`, `nodes n1`."""
        return f"{self.resource} {f'{self.namespace}/{self.name}'.lstrip('/')}"


class ChangeType(Enum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Record:
    key: Key
    revision: int
    """The revision of the change that wrote `value`."""
    value: bytes


@dataclass(frozen=True, slots=True)
class Change:
    revision: int
    type: ChangeType
    key: Key
    value: bytes
    """The new value; of a deletion, the last one (as given to `delete`)."""
    previous: bytes | None
    """The value before; None for ADDED."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A record that is not what was written."""

    key: Key
    cause: str


@dataclass(frozen=True, slots=True)
class Listing:
    records: Sequence[Record]
    revision: int
    """Of the whole store when the list was read: watch from here on."""
    more: bool = False
    """True when `limit` cut the list short."""
    damaged: Sequence[Damage] = ()
    """Records that were left out, because they cannot be read."""


class StoreError(Exception):
    """Base of what a store refuses."""


class Exists(StoreError):
    """A record to be created is there already."""


class Missing(StoreError):
    """A record to be changed is not there."""


class Stale(StoreError):
    """The record's revision is not the one that the write expects."""


class Damaged(StoreError):
    """The record's bytes are not those that were written."""


class Unwritable(StoreError):
    """Nothing can be written at present, such as on a full disk."""


class Compacted(StoreError):
    """The log no longer reaches back to the revision asked for."""


class Store(Protocol):
    @property
    def identity(self) -> str:
        """A UUID as text; it stays the same for as long as this store is open."""

    def lineage(self) -> Lineage:
        """What the present revision continues. Each opening begins a session."""

    def accept_sessions(self, sessions: Iterable[str]) -> None:
        """A person has decided what becomes of all that was written in these sessions,
        of whatever store: from now on they count as known.
        """

    def revoke_session(self, session: str) -> None:
        """Undo `settle` for a session: nothing is known any more of what was written
        in it.
        """

    def revision(self) -> int:
        """The newest revision; 0 for an empty log."""

    def get(self, key: Key) -> Record | None:
        """Raises Damaged."""

    def list(
        self,
        resource: str,
        namespace: str = "",
        *,
        where: Mapping[str, str] | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 0,
    ) -> Listing:
        """Records of one resource ordered by (namespace, name), read at one revision.

        An empty `namespace` means all. `where` compares JSON paths with text, as in
        `{"spec.nodeName": "a"}` or `{"owner": UID}` (any ownerReference's uid); both
        of these are indexed. `after` is the (namespace, name) to go on from.
        """

    def create(self, key: Key, value: bytes) -> int:
        """Add a record, return its revision. Raises Exists.

        A damaged record of that key is set aside.
        """

    def update(self, key: Key, value: bytes, *, expected: int) -> int:
        """Replace a record, return its revision. Raises Missing, Stale, Damaged."""

    def delete(self, key: Key, value: bytes, *, expected: int) -> int:
        """Remove a record, logging `value` as its last.

        Raises Missing, Stale, Damaged.
        """

    def discard(self, key: Key) -> int:
        """Remove a damaged record, set its bytes aside, return the revision.

        Its last value in the log is an object that has only its name. Raises Missing
        if there is no damaged record of that key.
        """

    def damaged(self) -> Sequence[Damage]:
        """The records that cannot be read, as far as known: all were read at the
        start, and those that were read since.
        """

    def changes(
        self, since: int, resource: str, namespace: str = "", *, limit: int = 0
    ) -> Sequence[Change]:
        """Changes after revision `since`, oldest first. Raises Compacted."""

    def subscribe(self, resource: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each change of `resource`; returns what ends that.

        `wake` runs in the writer's thread and must neither block nor raise.
        """

    def unwritable_reason(self) -> str:
        """Why nothing can be written at present, with the file; empty if it can."""

    def backup(self, path: Path) -> None:
        """Write a copy of one revision to the new file `path`, and verify it.

        Writing goes on meanwhile. Raises StoreError, OSError.
        """

    def close(self) -> None: ...

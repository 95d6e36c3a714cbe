"""Which part of a store's history a revision belongs to. Pure.

A session is the time during which one process has a store open; it has a random id,
and the store remembers up to which revision each of its sessions came. Containers
carry the session and the revision that they were made from. So a store can tell for
ever whether it holds what a container was made from: a store that was lost, replaced by
another, or set back to an older state does not know everything that runs, and what it
does not know must not be removed for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FOREVER = 2**63 - 1
"""As the last revision of a session: all that was ever written in it."""
UNMARKED = ""
"""The session of containers that were made before there were any."""

ADOPTED = "supervisor.io/adopted"
"""Annotation of a pod that was created again from what runs: a person has decided."""


@dataclass(frozen=True)
class Origin:
    """What a container was made from."""

    identity: str
    """Of the store."""
    session: str
    revision: int


@dataclass(frozen=True)
class Lineage:
    identity: str
    """Of the store as it is now."""
    session: str
    """The present one."""
    revision: int
    """The newest one."""
    ended: Mapping[str, int] = field(default_factory=dict)
    """The last revision of each session before, also of those before a restore."""

    def includes(self, origin: Origin) -> bool:
        """Whether this store holds, or knowingly held, what was written there."""
        return not self.missing_reason(origin)

    def missing_reason(self, origin: Origin) -> str:
        """Why this store does not hold it, for people; empty if it does."""
        own = origin.session == self.session
        last = self.revision if own else self.ended.get(origin.session)
        if last is not None:
            if origin.revision <= last:
                return ""
            return f"the store ends at revision {last}, before {origin.revision}"
        if origin.session == UNMARKED:
            return "it was made before this store was"
        if origin.identity == self.identity:
            return f"the store is older than revision {origin.revision}"
        return f"it was made from another store ({origin.identity})"

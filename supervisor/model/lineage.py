"""The history that a store's revisions belong to. Pure.

A revision means something only together with the identity of the store that counted it.
Containers carry both, so that a store can tell whether a container was made from what
it holds: a store that was lost, replaced by another or set back to an older state does
not know everything that runs, and what it does not know must not be removed for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FOREVER = 2**63 - 1
"""As a revision: all that a store of that identity ever wrote."""
UNMARKED = ""
"""The identity of containers that were made before stores had one."""


@dataclass(frozen=True)
class Lineage:
    identity: str
    """Of the store as it is now."""
    revision: int
    """Its newest one."""
    ancestors: Mapping[str, int] = field(default_factory=dict)
    """Identities that this store continues, each with the last revision shared."""
    gaps: tuple[tuple[int, int], ...] = ()
    """Revisions of this identity that were lost: (last before, last lost)."""

    def includes(self, identity: str, revision: int) -> bool:
        """Whether this store holds what was written up to that point."""
        return not self.objection(identity, revision)

    def is_newer(self, identity: str, revision: int) -> bool:
        """Whether this very store had once come further than it is now."""
        return identity == self.identity and revision > self.revision

    def objection(self, identity: str, revision: int) -> str:
        """Why this store does not hold it, for people; empty if it does."""
        if identity == self.identity:
            if revision > self.revision:
                return f"the store is at revision {self.revision}, before {revision}"
            for after, until in self.gaps:
                if after < revision <= until:
                    return f"the store has lost its revisions {after + 1} to {until}"
            return ""
        shared = self.ancestors.get(identity)
        if shared is None:
            return (
                "it was made before this store"
                if identity == UNMARKED
                else f"it was made from another store ({identity})"
            )
        if revision > shared:
            return (
                f"the store was restored from a backup of revision {shared}, before "
                f"{revision}"
            )
        return ""

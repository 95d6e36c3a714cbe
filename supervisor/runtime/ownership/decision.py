"""Decide what to do about the claim on an engine. Pure.

Rules
- A store takes back its own claim at once, and replaces one of an earlier version.
  Another store's claim is respected, unless the engine is to be taken over from it by
  order.
- A store that replaced another one in its state folder takes that one's claims over at
  once: no daemon can still use the old store. This holds only for claims made on the
  same host, since a copy of the state folder may be in use on another one, and not for
  an engine that was taken over from the new store since.
"""

from dataclasses import dataclass, field
from enum import Enum

from supervisor.runtime.base.claims import Claim

ANY_OWNER = "true"
"""The order to take the engine over from whichever store owns it."""


@dataclass(frozen=True)
class Claimant:
    """The daemon that claims engines, for its store."""

    store: str
    host: str = ""
    formerly: frozenset[str] = field(default_factory=frozenset)
    """Identities of the stores that this one replaced in its state folder."""

    def succeeds(self, found: Claim) -> bool:
        """Whether the claim is that of a store that this one replaced."""
        ours = self.formerly | {self.store}
        return (
            found.store in self.formerly
            and found.host == self.host
            and found.taken_from not in ours
        )


class Step(Enum):
    KEEP = "keep"
    MAKE = "make"
    REPLACE = "replace"
    """By our own, without a handover."""
    TAKE_OVER = "take over"
    REFUSE = "refuse"


def decide(found: Claim | None, claimant: Claimant, order: str = "") -> Step:
    """`order` names the store to take the engine from, or is `ANY_OWNER`; empty is no
    order."""
    if found is None:
        return Step.MAKE
    if found.store and found.store == claimant.store:
        return Step.REPLACE if found.is_outdated else Step.KEEP
    if claimant.succeeds(found):
        return Step.REPLACE
    if found.store and order in (ANY_OWNER, found.store):
        return Step.TAKE_OVER
    return Step.REFUSE


def title(holder: Claim) -> str:
    """The owner that a claim names, in words."""
    if not holder.store:
        return (
            f"an unknown owner: container {holder.id[:12]}, which is not ours, has the "
            "name of the claim; rename or remove it"
        )
    node = f', which calls it node "{holder.node}"' if holder.node else ""
    host = f" of the daemon on host {holder.host}" if holder.host else ""
    return f"store {holder.store}{host}{node}"

"""One store's hold on one engine: taking it, keeping it, and noticing its loss.

Rules
- The engine's claim decides (claims.py). A store takes back its own claim at once.
  Another store's claim is respected, unless the order was given to take the engine
  from it.
- A store that replaced another one in place takes back that one's claims at once, too:
  no daemon can still work with it. This holds only for claims made on the same host,
  since a copy of the state folder may be in use on another one, and not for an engine
  that was since taken over from the new store.
- What we know of the claim is good for `VALID_SECONDS`, counted from before the engine
  was asked. Nothing is changed on the engine after that without asking again, so an
  owner that lost the engine has stopped when that time is over, even if it hung.
- A store that has taken an engine over waits `HANDOVER_SECONDS` before it acts.
- A claim that vanished is made anew. Where the engine refuses to make it, and nobody
  else has one, work goes on without: better than leaving pods alone on a full disk.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from supervisor.runtime.base import (
    ClaimTaken,
    EngineRefused,
    EngineUnavailable,
    NotFound,
)
from supervisor.runtime.claims import Claim, EngineClaims

CONFIRM_SECONDS = 2.0
"""How often the owner asks whether it still is."""
VALID_SECONDS = 4.0
HANDOVER_SECONDS = 6.0
ANY_OWNER = "true"
"""The order to take the engine over, whoever has it."""

_RETRY_SECONDS = 30.0
"""How long an engine that refused a claim is left alone with it."""
_MAX_ROUNDS = 5
_PATIENCE_SECONDS = 5.0


class NotOwner(EngineUnavailable):
    """The engine is another store's; the text says whose."""

    def __init__(self, holder: Claim) -> None:
        super().__init__(f"the engine belongs to {title(holder)}")
        self.holder = holder


def title(holder: Claim) -> str:
    """A claim's owner in words."""
    if not holder.store:
        return (
            f"nobody we know: container {holder.id[:12]}, which is none of ours, has "
            "the name of its claim; rename or remove it"
        )
    node = f', which calls it node "{holder.node}"' if holder.node else ""
    host = f" of the daemon on host {holder.host}" if holder.host else ""
    return f"store {holder.store}{host}{node}"


@dataclass(frozen=True)
class Claimant:
    """Who claims engines: a daemon, for its store."""

    store: str
    host: str = ""
    formerly: frozenset[str] = field(default_factory=frozenset)
    """Identities of the stores that this one replaced in its state folder."""

    def succeeds(self, found: Claim) -> bool:
        """Whether the claim is that of a predecessor, of which nobody makes use."""
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
    """By our own, without anybody to wait for."""
    TAKE_OVER = "take over"
    REFUSE = "refuse"


def decide(found: Claim | None, claimant: Claimant, order: str = "") -> Step:
    """What to do about the claim that stands. `order` names the store to take the
    engine from, or `ANY_OWNER`; empty is none.
    """
    if found is None:
        return Step.MAKE
    if found.store and found.store == claimant.store:
        return Step.KEEP
    if claimant.succeeds(found):
        return Step.REPLACE
    if found.store and order in (ANY_OWNER, found.store):
        return Step.TAKE_OVER
    return Step.REFUSE


class Ownership:
    """Safe for any number of threads. Raises EngineUnavailable as any call does."""

    def __init__(
        self,
        claims: EngineClaims,
        claimant: Claimant,
        node: str,
        now: Callable[[], float],
    ) -> None:
        self._claims = claims
        self._claimant = claimant
        self._node = node
        self._now = now
        self._asking = _Asking()
        self._valid_until = 0.0
        self._retry_at = 0.0
        #: Why there is no claim, or why it does not run, though the engine is ours.
        self.trouble = ""

    def take(self, order: str = "") -> Claim | None:
        """Have the claim: ours as it stands, None if the engine refuses to make one.

        Raises NotOwner, and EngineRefused when it cannot be taken over.
        """
        with self._asking:
            return self._take(order)

    def confirm(self) -> None:
        """Ask the engine whether it is still ours. Raises NotOwner."""
        self.take()

    def require(self) -> None:
        """Returns when it is known to be ours. Raises NotOwner."""
        if self._now() < self._valid_until:
            return
        with self._asking:
            if self._now() >= self._valid_until:
                self._take("")

    def handover_until(self, claim: Claim | None) -> float:
        """Until when an owner before us may still act; 0 if there was none."""
        if claim is None or not claim.taken_from:
            return 0.0
        return min(claim.created_at, self._now()) + HANDOVER_SECONDS

    def release(self) -> None:
        """Give the engine up: the claim goes, if it is ours."""
        with self._asking:
            self._valid_until = 0.0
            found = self._claims.read()
            if found is not None and decide(found, self._claimant) is Step.KEEP:
                self._claims.remove(found.id)

    def _take(self, order: str) -> Claim | None:
        for _ in range(_MAX_ROUNDS):
            asked_at = self._now()
            found = self._claims.read()
            step = decide(found, self._claimant, order)
            if step is Step.KEEP and found is not None:
                self._valid_until = asked_at + VALID_SECONDS
                self._run(found)
                return found
            if step is Step.REFUSE and found is not None:
                self._valid_until = 0.0
                raise NotOwner(found)
            if step is not Step.TAKE_OVER and asked_at < self._retry_at:
                self._valid_until = asked_at + VALID_SECONDS
                return found  # nobody has it, or who had it is no more
            self._make(step, found, order, asked_at)
        raise EngineUnavailable("others claim this engine at the same time")

    def _make(
        self, step: Step, found: Claim | None, order: str, asked_at: float
    ) -> None:
        """One attempt; what came of it is then read.

        With an order, a claim that is gone may have been removed by an attempt to carry
        it out that broke off: then its owner may still act, too.
        """
        taken_from = order if step is Step.MAKE else ""
        if found is not None and step is Step.TAKE_OVER:
            taken_from = found.store
        me = self._claimant
        mine = Claim(me.store, self._node, me.host, taken_from)
        try:
            self._claims.make(mine, in_place_of=found.id if found else "")
            self._retry_at, self.trouble = 0.0, ""
        except ClaimTaken:
            return
        except (EngineRefused, NotFound) as error:
            if step is Step.TAKE_OVER:
                raise
            self._retry_at = asked_at + _RETRY_SECONDS
            self.trouble = f"the engine refuses to record whose it is: {error}"

    def _run(self, claim: Claim) -> None:
        if claim.is_running:
            self.trouble = ""
        if claim.is_running or self._now() < self._retry_at:
            return
        try:
            self._claims.run(claim.id)
            self._retry_at, self.trouble = 0.0, ""
        except NotFound:
            return  # the next look makes it anew
        except EngineRefused as error:
            self._retry_at = self._now() + _RETRY_SECONDS
            self.trouble = f"the claim's container does not start: {error}"


class _Asking:
    """A lock that is waited for no longer than an answer of the engine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise EngineUnavailable("the engine has not said yet whose it is")

    def __exit__(self, *_: object) -> None:
        self._lock.release()

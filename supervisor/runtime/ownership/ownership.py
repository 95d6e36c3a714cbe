"""Acquire and keep a store's claim on an engine.

Rules
- What is known of the claim is valid for `VALID_SECONDS`, counted from before the
  engine was asked. After that nothing is changed on the engine without asking again, so
  an owner that lost the engine has stopped by then, even if it hung.
- A store that has taken an engine over waits `HANDOVER_SECONDS` before it acts.
- A claim that vanished is made again. Where the engine refuses to make it, and there is
  no other claim, work goes on without one, which is better than abandoning the pods of
  an engine whose disk is full.
"""

import threading
from collections.abc import Callable

from supervisor.runtime.base import (
    ClaimTaken,
    EngineRefused,
    EngineUnavailable,
    NotFound,
)
from supervisor.runtime.base.claims import Claim, EngineClaims
from supervisor.runtime.ownership.decision import Claimant, Step, decide, title

CONFIRM_SECONDS = 2.0
"""Interval at which the owner reads its claim."""
VALID_SECONDS = 4.0
HANDOVER_SECONDS = 6.0
_RETRY_SECONDS = 30.0
"""Pause before a claim that the engine refused is tried again."""
_MAX_ROUNDS = 5
_PATIENCE_SECONDS = 5.0


class NotOwner(EngineUnavailable):
    """Another store owns the engine; the text names it."""

    def __init__(self, holder: Claim) -> None:
        super().__init__(f"the engine belongs to {title(holder)}")
        self.holder = holder


class Ownership:
    """Thread-safe. All methods raise EngineUnavailable."""

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
        self._lock = _TimedLock()
        self._valid_until = 0.0
        self._retry_at = 0.0
        #: Why there is no claim, or why it does not run, although the engine is ours.
        self.trouble = ""

    def take(self, order: str = "") -> Claim | None:
        """Acquire or confirm the claim; None if the engine refuses to make one.

        Raises NotOwner, and EngineRefused when the engine cannot be taken over.
        """
        with self._lock:
            return self._take(order)

    def confirm(self) -> None:
        """Check with the engine that it is still ours. Raises NotOwner."""
        self.take()

    def require(self) -> None:
        """Return if the engine is known to be ours. Raises NotOwner."""
        if self._now() < self._valid_until:
            return
        with self._lock:
            if self._now() >= self._valid_until:
                self._take("")

    def handover_until(self, claim: Claim | None) -> float:
        """When the previous owner has stopped acting; 0 if there was none."""
        if claim is None or not claim.taken_from:
            return 0.0
        return min(claim.created_at, self._now()) + HANDOVER_SECONDS

    def release(self) -> None:
        """Give the engine up: remove the claim if it is ours."""
        with self._lock:
            self._valid_until = 0.0
            found = self._claims.read()
            if found is not None and found.store == self._claimant.store:
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
                return found  # no owner, or one that is replaced
            self._make(step, found, order, asked_at)
        raise EngineUnavailable("others claim this engine at the same time")

    def _make(
        self, step: Step, found: Claim | None, order: str, asked_at: float
    ) -> None:
        """Make one attempt; the caller reads the outcome.

        If there is an order but no claim, an interrupted takeover may have removed the
        claim. Its owner may still act, so the new claim names it as well.
        """
        taken_from = order if step is Step.MAKE else ""
        if found is not None and step is Step.TAKE_OVER:
            taken_from = found.store
        me = self._claimant
        if found is not None and found.store == me.store:
            taken_from = found.taken_from
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
            return  # the next read makes it again
        except EngineRefused as error:
            self._retry_at = self._now() + _RETRY_SECONDS
            self.trouble = f"the claim's container does not start: {error}"


class _TimedLock:
    """A lock that is waited for no longer than an answer of the engine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise EngineUnavailable("the owner of the engine is not known yet")

    def __exit__(self, *_: object) -> None:
        self._lock.release()

"""One node's hold on its engine: taken at the connection, confirmed while it lasts.

What a claim means is decided in runtime/ownership.py; here it becomes what the keeper
of an engine understands.

Rules
- The agent gets the engine only behind a fence that lets no change through once the
  engine is another store's.
- The order to take an engine over is an annotation of its Engine. It names the store to
  take it from, or is `true` for whoever has it, and is removed when it is carried out.
"""

from contextlib import suppress
from dataclasses import replace

from supervisor.engines.agents import Connected
from supervisor.engines.connecting import CannotConnect
from supervisor.machinery.clock import Clock
from supervisor.model.engine import CONNECTING, REFUSED, TAKE_OVER, Engine
from supervisor.runtime.base import EngineRefused, RuntimeFailure
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.fenced import fenced
from supervisor.runtime.ownership import ANY_OWNER, Claimant, NotOwner, Ownership

CLAIMED = "EngineClaimed"
TAKING_OVER = "TakingOver"


class CannotOwn(CannotConnect):
    """The engine is another store's, or is still being handed over."""

    def __init__(
        self, phase: str, reason: str, message: str, holder: Claim | None = None
    ) -> None:
        super().__init__(phase, reason, message)
        self.holder = holder


class Owner:
    """That of one node; used by its keeper's thread alone."""

    def __init__(self, claimant: Claimant, node: str, clock: Clock) -> None:
        self._claimant = claimant
        self._node = node
        self._clock = clock
        self._ownership: Ownership | None = None
        #: The claim as it was when it was taken.
        self.claim: Claim | None = None

    @property
    def trouble(self) -> str:
        """Why the engine keeps no record of whose it is."""
        return self._ownership.trouble if self._ownership else ""

    def take(self, engine: Engine, made: Connected) -> Connected:
        """The engine behind its fence. Raises CannotOwn and CannotConnect."""
        ownership = Ownership(
            made.runtime.claims, self._claimant, self._node, self._clock.now
        )
        order = order_of(engine)
        try:
            self.claim = ownership.take(order)
        except NotOwner as error:
            raise _claimed(error, order) from error
        except EngineRefused as error:
            text = f"the engine cannot be taken over: {error}"
            raise CannotConnect(REFUSED, CLAIMED, text) from error
        except RuntimeFailure as error:
            raise CannotConnect(CONNECTING, "EngineUnavailable", str(error)) from error
        self._ownership = ownership
        return replace(made, runtime=fenced(made.runtime, ownership.require))

    def await_handover(self) -> None:
        """Raises CannotOwn while the owner before us may still act."""
        until = self._ownership.handover_until(self.claim) if self._ownership else 0.0
        if self.claim is not None and self._clock.now() < until:
            before = self.claim.taken_from
            whom = "its owner" if before == ANY_OWNER else f"store {before}"
            text = f"the engine was taken over; {whom} has a few seconds to let go"
            raise CannotOwn(CONNECTING, TAKING_OVER, text)

    def confirm(self) -> None:
        """Ask the engine. Raises CannotOwn, and EngineUnavailable."""
        if self._ownership is None:
            return
        try:
            self._ownership.confirm()
        except NotOwner as error:
            raise _claimed(error, "") from error

    def drop(self) -> None:
        """Let the engine be; the claim stays."""
        self._ownership = None

    def release(self) -> None:
        """Give the engine up for good, if it can be told so."""
        if self._ownership is not None:
            with suppress(RuntimeFailure):
                self._ownership.release()
        self.drop()


def order_of(engine: Engine) -> str:
    """The store to take the engine from, ANY_OWNER, or empty."""
    return (engine.metadata.annotations or {}).get(TAKE_OVER, "")


def _claimed(error: NotOwner, order: str) -> CannotOwn:
    text = f"{error}; two daemons cannot share an engine under one cluster name"
    if not error.holder.store:
        text = str(error)
    elif order:
        text += (
            f". The annotation {TAKE_OVER} is {order!r}: it must be "
            f"{error.holder.store!r} or {ANY_OWNER!r} to take the engine over"
        )
    else:
        text += ". `supervisor node takeover` takes it over"
    return CannotOwn(REFUSED, CLAIMED, text, error.holder)

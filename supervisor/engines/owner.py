"""A node's ownership of its engine: acquired when connecting, confirmed after that.

runtime/ownership decides what a claim means; here its answers become `Failure`s.

Rules
- The agent gets the engine only behind a fence that blocks all changes once the engine
  belongs to another store.
- The order to take an engine over is an annotation of its Engine. It names the store to
  take it from, or is `true` for whichever store owns it.
"""

from contextlib import suppress
from dataclasses import replace

from supervisor.engines.agents import Connected
from supervisor.engines.failure import CLAIMED, UNAVAILABLE, CannotConnect, Failure
from supervisor.machinery.clock import Clock
from supervisor.model.engine import CONNECTING, REFUSED, TAKE_OVER
from supervisor.runtime.base import EngineRefused, RuntimeFailure
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.fenced import fenced
from supervisor.runtime.ownership import ANY_OWNER, Claimant, NotOwner, Ownership


class Owner:
    """The ownership of one node; used by its keeper's thread only."""

    def __init__(self, claimant: Claimant, node: str, clock: Clock) -> None:
        self._claimant = claimant
        self._node = node
        self._clock = clock
        self._ownership: Ownership | None = None
        #: The claim when it was acquired; None if the engine refused to make one.
        self.claim: Claim | None = None

    @property
    def trouble(self) -> str:
        """Why the engine has no record of its owner; empty if it has."""
        return self._ownership.trouble if self._ownership else ""

    @property
    def handover_until(self) -> float:
        """When the previous owner has stopped acting; 0 if there was none."""
        return self._ownership.handover_until(self.claim) if self._ownership else 0.0

    def take(self, order: str, connected: Connected) -> Connected:
        """Acquire the engine, and put it behind its fence. Raises CannotConnect.

        `order` names the store to take the engine from, or is ANY_OWNER; empty is no
        order.
        """
        ownership = Ownership(
            connected.runtime.claims, self._claimant, self._node, self._clock.now
        )
        try:
            self.claim = ownership.take(order)
        except NotOwner as error:
            raise CannotConnect(_not_owner(error, order)) from error
        except EngineRefused as error:
            text = f"the engine cannot be taken over: {error}"
            raise CannotConnect(Failure(REFUSED, CLAIMED, text)) from error
        except RuntimeFailure as error:
            failure = Failure(CONNECTING, UNAVAILABLE, str(error))
            raise CannotConnect(failure) from error
        self._ownership = ownership
        return replace(connected, runtime=fenced(connected.runtime, ownership.require))

    def confirm(self) -> Failure | None:
        """Ask the engine whether it is still ours; why not, if it is not.

        Raises EngineUnavailable.
        """
        if self._ownership is None:
            return None
        try:
            self._ownership.confirm()
        except NotOwner as error:
            return _not_owner(error, "")
        return None

    def drop(self) -> None:
        """Stop using the engine, and leave the claim as it is."""
        self._ownership = None

    def release(self) -> bool:
        """Give the engine up for good: remove the claim, if the engine answers.

        False if there is nothing to give up.
        """
        ownership, self._ownership = self._ownership, None
        if ownership is None:
            return False
        with suppress(RuntimeFailure):
            ownership.release()
        return True


def _not_owner(error: NotOwner, order: str) -> Failure:
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
    return Failure(REFUSED, CLAIMED, text, error.holder)

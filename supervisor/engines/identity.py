"""Connect to an engine and have it: it is no other node's, and no other store's.

Rules
- What cannot be had is let go of at once: a node that is refused keeps no other node
  from the engine.
- An order to take the engine over is carried out once, and then removed.
"""

import logging
from collections.abc import Callable

from supervisor.engines.access import Access
from supervisor.engines.agents import Connected
from supervisor.engines.connecting import Attempts, CannotConnect
from supervisor.engines.owner import CLAIMED, Owner, order_of
from supervisor.engines.reports import Report
from supervisor.engines.shared import Shared
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import CONNECTED, REFUSED, TAKE_OVER, Engine
from supervisor.model.meta import Object

Tell = Callable[[Object, str, str, str], None]
"""Make an event: of which object, its type, reason and text."""
_log = logging.getLogger(__name__)


class Identity:
    """Of the engine of one node; used by the thread of its keeper alone."""

    def __init__(
        self, name: str, shared: Shared, attempts: Attempts, tell: Tell
    ) -> None:
        self._name = name
        self._shared = shared
        self._attempts = attempts
        self._tell = tell
        self._owner = Owner(shared.claimant, name, shared.clock)
        #: The order to take the engine over that was looked at last.
        self._order = ""

    @property
    def is_anothers(self) -> bool:
        """Whether another store has the engine, as far as we know."""
        failure = self._attempts.failure
        return failure is not None and failure.reason == CLAIMED

    @property
    def trouble(self) -> str:
        """Why the engine keeps no record of whose it is."""
        return self._owner.trouble

    def is_new_order(self, engine: Engine) -> bool:
        """Whether a take-over was ordered since the last attempt was refused."""
        return self.is_anothers and order_of(engine) not in ("", self._order)

    def connect(self, obj: Object, engine: Engine, access: Access) -> Connected:
        """An engine that is ours. Raises CannotConnect."""
        made = self._attempts.connect(access)
        try:
            self.check(obj, engine, made.info.id)
            self._order = order_of(engine)
            owned = self._owner.take(engine, made)
            self._carried_out(obj, engine)
            self._owner.await_handover()
        except BaseException:
            self.let_go()
            made.runtime.close()
            raise
        self._attempts.succeeded()
        return owned

    def check(self, obj: Object, engine: Engine, engine_id: str) -> None:
        """Raises CannotConnect when it is another node's; tells when it is new."""
        holder = self._shared.claims.take(engine, engine_id, self._shared.engines())
        if holder:
            text = (
                f'this is the engine of node "{holder}" already: an engine is one '
                "node only"
            )
            raise CannotConnect(REFUSED, "EngineTaken", text)
        before = engine.status.engine_id
        if before and before != engine_id:
            text = (
                f"another engine answers at {engine.spec.endpoint}: {engine_id}, "
                f"before it was {before}; the node's pods are started anew there"
            )
            self._tell(obj, "Warning", "EngineReplaced", text)

    def _carried_out(self, obj: Object, engine: Engine) -> None:
        """The engine is ours, so no order to take it over may stay."""
        if not order_of(engine):
            return
        claim = self._owner.claim
        is_taken = claim is not None and bool(claim.taken_from)
        if is_taken:
            self._shared.taken_over()
        patch = {"metadata": {"annotations": {TAKE_OVER: None}}}
        self._shared.client.patch(ENGINE.resource, self._name, "", patch)
        if claim is not None and is_taken:
            text = f"the engine was taken over from store {claim.taken_from}"
            _log.warning("engine %s: %s", self._name, text)
            self._tell(obj, "Warning", "EngineTakenOver", text)

    def confirm(self) -> None:
        """Ask the engine whose it is. Raises CannotOwn, and EngineUnavailable."""
        self._owner.confirm()

    def let_go(self) -> None:
        """No agent of ours works there any more; the claim stays as it is."""
        self._owner.drop()
        self._shared.claims.release(self._name)

    def give_up(self) -> None:
        """The engine is no node of ours any more."""
        self._owner.release()

    def report(self, engine_id: str, version: str) -> Report:
        """That of an engine whose agent runs."""
        trouble, claim = self._owner.trouble, self._owner.claim
        reason = "Unclaimed" if trouble else "Connected"
        return Report(CONNECTED, reason, trouble, engine_id, version, claim)

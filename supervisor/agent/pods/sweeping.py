"""Remove what carries our labels and belongs to no pod that there is.

Rules
- A leftover harms nobody for a minute, so this looks around now and then, and nothing
  waits for it.
- The engine is read before the pods that the API has: what is made meanwhile is not
  seen, and never taken for a leftover.
- Nothing is concluded before the API has told of all pods, or while the engine is away.
"""

import logging
from collections.abc import Sequence

from supervisor.agent.pods.plan.leftovers import Leftover, leftovers
from supervisor.agent.site import Site
from supervisor.machinery.controller import Controller
from supervisor.runtime.base import (
    EngineRefused,
    EngineUnavailable,
    NotFound,
    RuntimeFailure,
)

SWEEP_SECONDS = 60.0
_KEY = "leftovers"
_log = logging.getLogger(__name__)


class Sweeper:
    def __init__(self, site: Site) -> None:
        self._site = site
        self.controller: Controller[str] = Controller(
            "sweep", self._sweep, site.clock, expected=(RuntimeFailure,)
        )

    def start(self) -> None:
        self.controller.start()
        self.wake()

    def wake(self) -> None:
        self.controller.wake(_KEY)

    def leftovers(self) -> Sequence[Leftover]:
        """Raises EngineUnavailable, at once when the engine is known to be away."""
        self._site.health.require()
        found = self._site.runtime.labelled()
        if not self._site.bound_pods.is_complete:
            return ()
        bound_pods, held = self._site.bound_pods, frozenset(self._site.custody.uids())

        def is_known(uid: str) -> bool:
            return bool(bound_pods.get(uid)) or bound_pods.is_unread(uid) or uid in held

        now = self._site.clock.now()
        return leftovers(found, self._site.node.name, is_known, now)

    def _sweep(self, _: str) -> float:
        try:
            for leftover in self.leftovers():
                if leftover.removable:
                    self._remove(leftover)
        except EngineUnavailable as error:
            self._site.health.lost(error)
        return self._site.clock.now() + SWEEP_SECONDS

    def _remove(self, leftover: Leftover) -> None:
        try:
            self._site.runtime.remove_labelled(leftover.found)
            _log.info("removed %s", leftover)
        except (EngineRefused, NotFound) as error:
            _log.warning("cannot remove %s: %s", leftover, error)

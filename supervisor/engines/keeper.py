"""Manages one Engine: observes it, plans, and has the plan performed.

Rules
- Each Engine has a thread of its own, the only one that uses its engine before the
  agent runs: an engine that hangs delays no other.
- A look repeats observing and planning until the plan ends with `Wait`.
- The claim is confirmed apart from these looks, without reading the API.
"""

import threading

from supervisor.client.node import NodeConnection
from supervisor.engines.memory import Memory
from supervisor.engines.observing import Observer
from supervisor.engines.owner import Owner
from supervisor.engines.performing import Performer
from supervisor.engines.plan import plan
from supervisor.engines.plan.actions import Wait
from supervisor.engines.plan.claim import confirm, vanished
from supervisor.engines.plan.sight import Held
from supervisor.engines.shared import Shared
from supervisor.machinery.controller import Controller
from supervisor.model.engine import REFUSED
from supervisor.model.errors import ApiError

_CONFIRM = "confirm the claim"
"""A key of the queue beside the Engine's name; no name contains a space."""
_MAX_ROUNDS = 20
_END_SECONDS = 60.0


class Keeper:
    def __init__(
        self, name: str, shared: Shared, after: "Keeper | None" = None
    ) -> None:
        """`after` is the keeper of an earlier Engine of this name, which still ends."""
        self.name = name
        self._shared = shared
        self._after = after
        owner = Owner(shared.claimant, name, shared.clock)
        self._memory = Memory(lambda access: shared.factory.open(name, access), owner)
        self._observer = Observer(name, shared, self._memory)
        self._performer = Performer(
            name,
            shared,
            self._memory,
            look=self.wake,
            confirm=lambda: self._controller.wake(_CONFIRM),
        )
        self._ending: threading.Thread | None = None
        self._controller: Controller[str] = Controller(
            f"engine-{name}", self._reconcile, shared.clock, expected=(ApiError,)
        )

    @property
    def connection(self) -> NodeConnection | None:
        agent = self._memory.agent
        return agent.connection if agent is not None else None

    @property
    def trouble(self) -> str:
        """Why there is no connection."""
        return self._memory.attempts.trouble

    @property
    def is_refused(self) -> bool:
        failure = self._memory.attempts.failure
        return failure is not None and failure.phase == REFUSED

    def start(self) -> None:
        self._controller.start()
        self.wake()

    def step(self) -> bool:
        """Look once in the caller's thread; False if there was no reason to."""
        return self._controller.step()

    def wake(self) -> None:
        self._controller.wake(self.name)

    def retry(self) -> None:
        """Try to connect again now."""
        self._memory.attempts.hurry()
        self.wake()

    def stop(self, timeout: float) -> None:
        """Stop the agent; containers keep running.

        What does not end within `timeout` seconds is left behind: a call to an engine
        that hangs cannot be interrupted.
        """
        self._memory.stop()
        self._controller.stop(timeout / 4)
        self._memory.attempts.close()
        if self._memory.agent is not None:
            self._memory.agent.stop(timeout / 2)

    def end(self) -> None:
        """The Engine is gone: clean up, in the background."""
        self._ending = threading.Thread(
            target=self._end, name=f"engine-{self.name}-end", daemon=True
        )
        self._ending.start()

    def _end(self) -> None:
        self._controller.stop(_END_SECONDS)
        self._memory.attempts.close()
        for action in vanished(is_finished=self._memory.is_finished):
            self._performer.perform(action, None)

    def _join(self) -> None:
        if self._ending is not None:
            self._ending.join()

    # -- one look
    def _reconcile(self, key: str) -> float | None:
        if key == _CONFIRM:
            return self._confirm()
        if self._after is not None:
            self._after._join()
            self._after = None
        try:
            return self._look()
        finally:
            self._performer.disconnect()
            self._memory.reservation = None

    def _look(self) -> float | None:
        for _ in range(_MAX_ROUNDS):
            seen = self._observer.observe()
            if seen is None or self._memory.is_stopping:
                return None  # whoever changes the Engine wakes us
            todo = plan(seen.engine, seen.sight, seen.now)
            for action in todo:
                self._performer.perform(action, seen)
            if isinstance(todo[-1], Wait):
                return todo[-1].until
        raise RuntimeError(f"the plan of engine {self.name} does not settle")

    def _confirm(self) -> float | None:
        """Without reading the API, which may be away."""
        memory = self._memory
        memory.confirmation = None
        for _ in range(_MAX_ROUNDS):
            held = Held(memory.agent is not None, memory.confirmation)
            todo = confirm(held, self._shared.clock.now())
            for action in todo:
                self._performer.perform(action, None)
            if isinstance(todo[-1], Wait):
                return todo[-1].until
        raise RuntimeError(f"the claim of engine {self.name} does not settle")

"""What a keeper remembers of its engine between actions.

Rules
- Only the keeper's thread changes it, except for `stop`, `Attempts.hurry`, and the
  cleanup after that thread has ended. Other threads read.
- A link and a reservation never outlive the look in which they were made, so nothing
  that the engine has said before is relied on later.
"""

import threading
from collections.abc import Callable
from dataclasses import replace

from supervisor.engines.access import Access
from supervisor.engines.agents import Connected, NodeAgent
from supervisor.engines.connecting import Attempts
from supervisor.engines.failure import Failure
from supervisor.engines.owner import Owner
from supervisor.engines.plan.sight import Agent, Confirmation, Link, Reservation, Sight
from supervisor.runtime.base import Runtime


class Memory:
    def __init__(self, open_: Callable[[Access], Runtime], owner: Owner) -> None:
        self.attempts = Attempts(open_)
        self.owner = owner
        self.agent: NodeAgent | None = None
        #: What `agent` was launched with.
        self.launched: Agent | None = None
        #: The engine that has answered, without an agent; described by `link`.
        self.connected: Connected | None = None
        self.link: Link | None = None
        self.reservation: Reservation | None = None
        self.confirmation: Confirmation | None = None
        self.last_order = ""
        self.is_finished = False
        self._lock = threading.Lock()
        self._is_stopping = False

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    def sight(self, access: Access | Failure, now: float) -> Sight:
        """What is remembered, as the plan sees it."""
        wait_until = None
        if isinstance(access, Access):
            wait_until = self.attempts.wait_until(access, now)
        return Sight(
            access,
            agent=self.launched,
            link=self.link,
            reservation=self.reservation,
            failure=self.attempts.failure,
            is_reported=self.attempts.is_reported,
            wait_until=wait_until,
            last_order=self.last_order,
            claim=self.owner.claim,
            claim_trouble=self.owner.trouble,
            handover_until=self.owner.handover_until,
            is_finished=self.is_finished,
        )

    def put_agent(self, agent: NodeAgent, launched: Agent) -> bool:
        """Start the agent. False if the keeper is being stopped."""
        with self._lock:
            if self._is_stopping:
                return False
            self.agent, self.launched = agent, launched
            self.connected = self.link = None
            agent.start()
        return True

    def take_agent(self) -> NodeAgent | None:
        """The agent, which the caller stops."""
        with self._lock:
            agent, self.agent, self.launched = self.agent, None, None
        return agent

    def relabelled(self, labels: dict[str, str]) -> None:
        if self.launched is not None:
            self.launched = replace(self.launched, labels=labels)

    def stop(self) -> None:
        """Let no agent start from now on."""
        with self._lock:
            self._is_stopping = True

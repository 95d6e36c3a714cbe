"""One probe of one container: whether a tick starts an attempt, and its history.

Rules
- The first attempt is made at once, then one per period; the phase of the ticker stays
  the same across restarts of the container. A tick during an attempt is made up for
  when the attempt ends.
- A tick is skipped while the container does not run, during its initial delay (whole
  seconds since its start), and until the startup probe has passed.
- Errors are retried at once, twice; then the attempt is ignored.
- A readiness probe is run out of schedule when its container has just started.

Holds state without effects: `Prober` starts attempts, keeps time and locks.
Follows pkg/kubelet/prober/worker.go.
"""

from dataclasses import dataclass, field

from supervisor.model.pod import Container, Probe
from supervisor.probing.base import Attempt, Kind, Outcome, Result, Target
from supervisor.probing.fold import History, fold, new_history

MAX_TRIES = 3


@dataclass(slots=True)
class Worker:
    kind: Kind
    container: Container
    probe: Probe
    #: The running container; None while there is none.
    target: Target | None = None
    #: Of the newest container seen; None before the first.
    history: History | None = None
    #: Container id of the attempt in progress, if any.
    asking: str = field(default="")
    #: Whether there was a tick during the attempt in progress.
    missed: bool = False
    #: Tries of the attempt in progress.
    tries: int = 0

    def see(self, target: Target | None) -> bool:
        """Set the container that runs now; True if it is a new one."""
        self.target = target
        if target is None:
            return False
        if (
            self.history is not None
            and self.history.container_id == target.container_id
        ):
            return False
        before = self.history
        self.history = new_history(self.kind, target.container_id, before)
        return True

    def wants_to_ask(self, now: float, gate_open: bool) -> bool:
        """Whether a tick at `now` starts an attempt."""
        if self.target is None or self.history is None or self.history.on_hold:
            return False
        if self.kind is Kind.STARTUP:
            if gate_open:
                return False
        elif not gate_open:
            return False
        if self.asking:
            self.missed = True
            return False
        return int(now - self.target.started_at) >= self.probe.initial_delay_seconds

    def should_try_again(self, attempt: Attempt) -> bool:
        return attempt.outcome is Outcome.ERROR and self.tries < MAX_TRIES

    def learn(self, container_id: str, attempt: Attempt) -> bool:
        """Add the outcome of an attempt; True if the result has changed.

        An attempt at an earlier container is ignored.
        """
        history = self.history
        if history is None or history.container_id != container_id:
            return False
        self.history = fold(history, attempt.outcome, self.probe)
        return self.history.result is not history.result

    @property
    def passed(self) -> bool:
        return self.history is not None and self.history.result is Result.SUCCESS

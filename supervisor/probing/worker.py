"""One probe of one container: when to ask next, and what the answers amount to.

Rules
- Asked at once, then on a ticker of the probe's period whose phase stays the same
  across restarts of the container. A tick while an attempt still runs is made up for
  when that ends.
- A tick is skipped while the container does not run, while its initial delay lasts
  (whole seconds since its start), and while the startup probe has the word.
- Errors are tried again at once, twice; then the attempt counts as nothing.
- A readiness probe is asked out of turn when its container has just started.

Holds state but performs nothing: `Prober` asks, keeps time and locks.
Follows pkg/kubelet/prober/worker.go.
"""

from dataclasses import dataclass, field

from supervisor.model.pod import Container, Probe
from supervisor.probing.base import Attempt, Kind, Outcome, Result, Target
from supervisor.probing.fold import Row, begin, fold

MAX_TRIES = 3


@dataclass(slots=True)
class Worker:
    kind: Kind
    container: Container
    probe: Probe
    #: The running container to ask; None while there is none.
    target: Target | None = None
    #: Of the newest container seen; None before the first.
    row: Row | None = None
    #: Container id of the attempt under way, if any.
    asking: str = field(default="")
    #: A tick came while an attempt was under way.
    missed: bool = False
    #: Tries of the attempt under way.
    tries: int = 0

    def see(self, target: Target | None) -> bool:
        """Take note of the container that runs now; True when it is a new one."""
        self.target = target
        if target is None:
            return False
        if self.row is not None and self.row.container_id == target.container_id:
            return False
        before = self.row
        self.row = begin(self.kind, target.container_id, before)
        return True

    def wants_to_ask(self, now: float, gate_open: bool) -> bool:
        """Whether a tick at `now` leads to an attempt."""
        if self.target is None or self.row is None or self.row.on_hold:
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
        """Fold an answer in; True when the result has changed.

        An answer from another container than the present one says nothing.
        """
        row = self.row
        if row is None or row.container_id != container_id:
            return False
        self.row = fold(row, attempt.outcome, self.probe)
        return self.row.result is not row.result

    @property
    def passed(self) -> bool:
        return self.row is not None and self.row.result is Result.SUCCESS

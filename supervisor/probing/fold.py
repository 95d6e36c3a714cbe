"""Compute the result of a probe from its outcomes. Pure.

Rules
- An outcome counts only for the container that was probed.
- The result changes when as many consecutive outcomes as its threshold agree. An
  errored attempt changes nothing.
- After a liveness probe has failed, or a startup probe has reached a result, the probe
  is on hold: there are no attempts until a new container appears.
- A new container begins with the initial result but keeps the number of consecutive
  outcomes, unless the probe was on hold, so that a container that alternately fails
  and crashes is still detected.

Follows pkg/kubelet/prober/worker.go.
"""

from dataclasses import dataclass, replace

from supervisor.model.pod import Probe
from supervisor.probing.base import Kind, Outcome, Result, Verdict

INITIAL = {
    Kind.LIVENESS: Result.SUCCESS,
    Kind.READINESS: Result.FAILURE,
    Kind.STARTUP: Result.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class History:
    """The state of one probe after its attempts so far."""

    kind: Kind
    container_id: str
    result: Result
    last: Result | None = None
    """The latest outcome."""
    run: int = 0
    """The number of consecutive outcomes equal to `last`."""
    on_hold: bool = False
    is_known: bool = False
    """Whether the result comes from attempts at this container."""

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.result, self.container_id, self.is_known)


def new_history(
    kind: Kind, container_id: str, before: History | None = None
) -> History:
    """The history of a new container; `before` is that of the previous one."""
    if before is None:
        return History(kind, container_id, INITIAL[kind])
    return History(kind, container_id, INITIAL[kind], last=before.last, run=before.run)


def fold(history: History, outcome: Outcome, probe: Probe) -> History:
    """The history after another outcome."""
    if history.on_hold or outcome is Outcome.ERROR:
        return history
    failed = outcome is Outcome.FAILURE
    seen = Result.FAILURE if failed else Result.SUCCESS
    run = history.run + 1 if seen is history.last else 1
    history = replace(history, last=seen, run=run)
    if run < (probe.failure_threshold if failed else probe.success_threshold):
        return history
    concluded = history.kind is Kind.STARTUP or (
        history.kind is Kind.LIVENESS and failed
    )
    return replace(
        history,
        result=seen,
        run=0 if concluded else run,
        on_hold=concluded,
        is_known=True,
    )

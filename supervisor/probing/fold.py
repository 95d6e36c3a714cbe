"""Turn single probe outcomes into the result that the agent acts on. Pure.

Rules
- An outcome counts only for the container that it was taken from.
- Equal outcomes lengthen a run, an opposite one begins a new run; the result changes
  when a run reaches its threshold. An errored attempt changes nothing.
- After liveness has failed, or a startup probe has come to a conclusion, the row is on
  hold: nothing more is asked until a new container appears.
- A new container begins with the initial result, but the run goes on unless it was on
  hold, so that a container which fails and crashes in turns is still caught.

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
class Row:
    """What the outcomes of one probe amount to so far."""

    kind: Kind
    container_id: str
    result: Result
    last: Result | None = None
    """Of the run."""
    run: int = 0
    """How many equal outcomes in a row."""
    on_hold: bool = False
    is_known: bool = False
    """The result was reached by asking this container."""

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.result, self.container_id, self.is_known)


def begin(kind: Kind, container_id: str, before: Row | None = None) -> Row:
    """The row of a container just seen, which replaces that of `before`."""
    if before is None:
        return Row(kind, container_id, INITIAL[kind])
    return Row(kind, container_id, INITIAL[kind], last=before.last, run=before.run)


def fold(row: Row, outcome: Outcome, probe: Probe) -> Row:
    """The row after one more outcome."""
    if row.on_hold or outcome is Outcome.ERROR:
        return row
    failed = outcome is Outcome.FAILURE
    seen = Result.FAILURE if failed else Result.SUCCESS
    run = row.run + 1 if seen is row.last else 1
    row = replace(row, last=seen, run=run)
    if run < (probe.failure_threshold if failed else probe.success_threshold):
        return row
    concluded = row.kind is Kind.STARTUP or (row.kind is Kind.LIVENESS and failed)
    return replace(
        row,
        result=seen,
        run=0 if concluded else run,
        on_hold=concluded,
        is_known=True,
    )

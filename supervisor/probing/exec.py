"""Exec probes: success if the command exits with 0 in time.

Rules
- No shell. `$(NAME)` is expanded only from literal values in the container's env.
- Other exit codes, timeouts and commands that cannot be started are failures. If the
  engine does not answer, the attempt is an error, which is ignored: trouble of the
  engine must not kill healthy containers.
- A container that stays paused until the timeout fails the probe, since an HTTP probe
  would get no answer either.

Differs from Kubernetes: there a command that cannot be started is an error and so
never fails a liveness probe; dockershim counted it as a failure, and so do we.
Follows pkg/probe/exec/exec.go and pkg/kubelet/prober/prober.go.
"""

import time
from collections.abc import Callable, Sequence

from supervisor.model.expansion import expand
from supervisor.model.pod import Container
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import (
    ContainerPaused,
    EngineRefused,
    ExecResult,
    RuntimeFailure,
    Streams,
)

_RETRY_SECONDS = 0.1
_OUTPUT_LIMIT = 10 * 1024


def expanded(command: Sequence[str], container: Container) -> list[str]:
    """`command` with `$(NAME)` expanded."""
    literal = {v.name: v.value for v in container.env if v.value_from is None}
    return [expand(word, literal) for word in command]


def probe(
    streams: Streams,
    container_id: str,
    command: Sequence[str],
    timeout: float,
    *,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], object],
) -> Attempt:
    """Run `command` in the container. Blocks for at most `timeout` seconds."""
    end = now() + timeout
    try:
        while (left := end - now()) > 0:
            try:
                ended = streams.exec(
                    container_id, command, timeout=left, limit=_OUTPUT_LIMIT
                )
            except ContainerPaused:
                wait(min(_RETRY_SECONDS, left))
                continue
            return _judge(ended, command, timeout)
    except EngineRefused as error:
        return Attempt(Outcome.FAILURE, str(error))
    except RuntimeFailure as error:
        return Attempt(Outcome.ERROR, str(error))
    text = f"{_timed_out(command, timeout)}: the container is paused"
    return Attempt(Outcome.FAILURE, text)


def _judge(ended: ExecResult, command: Sequence[str], timeout: float) -> Attempt:
    if ended.exit_code is None:
        return Attempt(Outcome.FAILURE, _timed_out(command, timeout), answered=False)
    output = ended.output.decode("utf-8", "replace")
    outcome = Outcome.SUCCESS if ended.exit_code == 0 else Outcome.FAILURE
    return Attempt(outcome, output)


def _timed_out(command: Sequence[str], timeout: float) -> str:
    line = " ".join(command)
    return f'command timed out: "{line}" timed out after {timeout:g}s'

"""One exec probe: well if the command ends with 0 in time.

Rules
- No shell. `$(NAME)` is expanded only from the literal values of the container's env.
- Another end than 0, running out of time, and a command that cannot be started are
  failures. An engine that does not answer is an error, and errors count as nothing:
  an engine's trouble must not kill healthy containers.

Differs from Kubernetes: there a command that cannot be started is an error and so
never fails a liveness probe; dockershim counted it as a failure, and so do we.
Follows pkg/probe/exec/exec.go and pkg/kubelet/prober/prober.go.
"""

from collections.abc import Sequence

from supervisor.model.expansion import expand
from supervisor.model.pod import Container
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import EngineRefused, Runtime, RuntimeFailure

_OUTPUT_LIMIT = 10 * 1024


def expanded(command: Sequence[str], container: Container) -> list[str]:
    """The words of `command` as they are run."""
    literal = {v.name: v.value for v in container.env if v.value_from is None}
    return [expand(word, literal) for word in command]


def probe(
    runtime: Runtime, container_id: str, command: Sequence[str], timeout: float
) -> Attempt:
    """Run `command` in the container. Blocks for `timeout` seconds at the most."""
    try:
        ended = runtime.exec(
            container_id, command, timeout=timeout, limit=_OUTPUT_LIMIT
        )
    except EngineRefused as error:
        return Attempt(Outcome.FAILURE, str(error))
    except RuntimeFailure as error:
        return Attempt(Outcome.ERROR, str(error))
    if ended.exit_code is None:
        line = " ".join(command)
        text = f'command timed out: "{line}" timed out after {timeout:g}s'
        return Attempt(Outcome.FAILURE, text, heard=False)
    output = ended.output.decode("utf-8", "replace")
    outcome = Outcome.SUCCESS if ended.exit_code == 0 else Outcome.FAILURE
    return Attempt(outcome, output)

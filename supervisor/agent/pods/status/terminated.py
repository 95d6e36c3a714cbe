"""How a container's life ended, as its status tells it.

Rules
- Docker's word that memory ran out beats the exit code, which can even be 0.
- A container whose start the engine refused never ran: it began and ended when it was
  created, and the engine's text says why.
- Exit codes above 128 name the signal.

Follows cri-dockerd core/container_status.go and pkg/kubelet/kubelet_pods.go.
"""

from supervisor.agent.pods.plan.history import VANISHED_EXIT_CODE, finished_at
from supervisor.model.pod import ContainerStateTerminated
from supervisor.model.times import to_text
from supervisor.runtime.base import ObservedContainer, State

_VANISHED = (
    "The container could not be located when the pod was terminated. "
    "The container used to be Running"
)


def terminated(
    instance: ObservedContainer, message: str = ""
) -> ContainerStateTerminated:
    """The end of a dead instance; `message` holds its own last words."""
    began = instance.started_at or instance.created_at
    return ContainerStateTerminated(
        exit_code=instance.exit_code,
        reason=_reason(instance),
        message=instance.error if never_ran(instance) else message,
        started_at=to_text(began),
        finished_at=to_text(finished_at(instance)),
        container_id=docker_id(instance),
    )


def _reason(instance: ObservedContainer) -> str:
    if never_ran(instance):
        return "ContainerCannotRun"
    if instance.oom_killed:
        return "OOMKilled"
    return "Completed" if instance.exit_code == 0 else "Error"


def never_ran(instance: ObservedContainer) -> bool:
    return instance.state is State.CREATED or not instance.started_at


def vanished(container_id: str) -> ContainerStateTerminated:
    """The end of an instance that the engine no longer knows."""
    return ContainerStateTerminated(
        exit_code=VANISHED_EXIT_CODE,
        reason="ContainerStatusUnknown",
        message=_VANISHED,
        container_id=container_id,
    )


def docker_id(instance: ObservedContainer) -> str:
    return f"docker://{instance.id}"

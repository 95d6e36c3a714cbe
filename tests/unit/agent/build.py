"""Short words for pods, and for what an engine may show of them."""

from typing import Any

from supervisor.agent.pods.plan.steps import spec_hash
from supervisor.model.meta import ObjectMeta
from supervisor.model.pod import (
    Container,
    ExecAction,
    Pod,
    PodSpec,
    PodStatus,
    Probe,
)
from supervisor.probing.base import Kind, Result, Verdict, Verdicts
from supervisor.runtime.base import (
    BACKOFF_STEP,
    SPEC_HASH,
    ObservedContainer,
    ObservedPod,
    State,
)

UID = "u-web"
PROBE = Probe(exec=ExecAction(command=("true",)))


def container(name: str = "app", **fields: Any) -> Container:
    return Container(name=name, image="img:1", **fields)


def pod(
    *containers: Container,
    status: PodStatus | None = None,
    meta: dict[str, Any] | None = None,
    **spec: Any,
) -> Pod:
    metadata = ObjectMeta(name="web", namespace="default", uid=UID, **(meta or {}))
    rows = containers or (container(),)
    return Pod(metadata, PodSpec(containers=rows, **spec), status or PodStatus())


def sandbox(
    attempt: int = 0, *, alive: bool = True, at: float = 0.0
) -> ObservedContainer:
    state = State.RUNNING if alive else State.EXITED
    end = 0.0 if alive else at
    return ObservedContainer(
        f"sandbox{attempt}", "POD", state, attempt, at, started_at=at, finished_at=end
    )


def _labels(name: str, step: int) -> dict[str, str]:
    found = {SPEC_HASH: spec_hash(container(name))}
    return found | ({BACKOFF_STEP: str(step)} if step else {})


def running(
    name: str = "app",
    attempt: int = 0,
    *,
    at: float = 0.0,
    step: int = 0,
    inside: str = "sandbox0",
) -> ObservedContainer:
    return ObservedContainer(
        f"{name}{attempt}",
        name,
        State.RUNNING,
        attempt,
        at,
        image="img:1",
        image_id="sha256:1",
        started_at=at,
        sandbox_id=inside,
        labels=_labels(name, step),
    )


def exited(
    name: str = "app",
    attempt: int = 0,
    *,
    created: float | None = None,
    at: float = 2.0,
    step: int = 0,
    code: int = 1,
    oom: bool = False,
    inside: str = "sandbox0",
) -> ObservedContainer:
    began = at - 1 if created is None else created
    return ObservedContainer(
        f"{name}{attempt}",
        name,
        State.EXITED,
        attempt,
        began,
        image="img:1",
        image_id="sha256:1",
        started_at=began,
        finished_at=at,
        exit_code=code,
        oom_killed=oom,
        sandbox_id=inside,
        labels=_labels(name, step),
    )


def created(
    name: str = "app", attempt: int = 0, *, error: str = ""
) -> ObservedContainer:
    """A container that was not started, or whose start was refused."""
    return ObservedContainer(
        f"{name}{attempt}",
        name,
        State.CREATED,
        attempt,
        0.0,
        exit_code=127 if error else 0,
        error=error,
        sandbox_id="sandbox0",
        labels=_labels(name, 0),
    )


def seen(
    *containers: ObservedContainer,
    sandboxes: tuple[ObservedContainer, ...] | None = None,
) -> ObservedPod:
    boxes = (sandbox(),) if sandboxes is None else sandboxes
    alive = bool(boxes) and boxes[0].state is State.RUNNING
    return ObservedPod(
        UID, "web", "default", boxes, containers, "10.0.0.7" if alive else ""
    )


def failing(kind: Kind, container_id: str, name: str = "app") -> Verdicts:
    return {(name, kind): Verdict(Result.FAILURE, container_id)}


def passing(kind: Kind, container_id: str, name: str = "app") -> Verdicts:
    return {(name, kind): Verdict(Result.SUCCESS, container_id)}

"""STATUS, READY and RESTARTS of pods match upstream."""

import pytest

from supervisor.api import table
from supervisor.model.meta import Object
from tests.kinds import columns

NOW = 1_767_225_600.0
CREATED = "2025-12-31T23:57:00Z"
ENDED = "2025-12-31T23:58:00Z"
RUNNING: Object = {"running": {"startedAt": CREATED}}
COMPLETED: Object = {"terminated": {"exitCode": 0, "reason": "Completed"}}


def container(
    state: Object, *, restarts: int = 0, ready: bool = False, name: str = "c"
) -> Object:
    status = {"name": name, "state": state, "ready": ready, "restartCount": restarts}
    if restarts:
        status["lastState"] = {"terminated": {"finishedAt": ENDED}}
    return status


def waiting(reason: str) -> Object:
    return {"waiting": {"reason": reason}}


def terminated(code: int, **more: object) -> Object:
    return {"terminated": {"exitCode": code, **more}}


def pod(
    *statuses: Object,
    phase: str = "Running",
    init: tuple[Object, ...] = (),
    sidecars: tuple[str, ...] = (),
    conditions: tuple[str, ...] = (),
    **status: object,
) -> Object:
    """A pod with these container statuses; the given conditions are true."""
    inits = [
        {"name": s["name"]}
        | ({"restartPolicy": "Always"} if s["name"] in sidecars else {})
        for s in init
    ]
    return {
        "metadata": {"name": "web", "creationTimestamp": CREATED},
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": s["name"]} for s in statuses],
            "initContainers": inits,
        },
        "status": {
            "phase": phase,
            "containerStatuses": list(statuses),
            "initContainerStatuses": list(init),
            "conditions": [{"type": c, "status": "True"} for c in conditions],
            **status,
        },
    }


def row(obj: Object) -> Object:
    found: Object = table.render(columns("pods"), [obj], now=NOW, resource_version="1")[
        "rows"
    ][0]
    return found


def shown(obj: Object) -> tuple[str, str, str]:
    """READY, STATUS and RESTARTS."""
    cells = row(obj)["cells"]
    return cells[1], cells[2], cells[3]


def test_columns_match_upstream() -> None:
    """-o wide adds four columns."""
    found = table.render(columns("pods"), [], now=NOW, resource_version="1")

    shown = [(c["name"], c["priority"]) for c in found["columnDefinitions"]]
    assert shown == [
        ("Name", 0),
        ("Ready", 0),
        ("Status", 0),
        ("Restarts", 0),
        ("Age", 0),
        ("IP", 1),
        ("Node", 1),
        ("Nominated Node", 1),
        ("Readiness Gates", 1),
    ]


STATES = [
    (pod(container(RUNNING, ready=True)), ("1/1", "Running", "0")),
    (pod(container(RUNNING)), ("0/1", "Running", "0")),
    (
        pod(container(waiting("ContainerCreating")), phase="Pending"),
        ("0/1", "ContainerCreating", "0"),
    ),
    (
        pod(container(waiting("CrashLoopBackOff"), restarts=4)),
        ("0/1", "CrashLoopBackOff", "4 (2m ago)"),
    ),
    (pod(container(COMPLETED), phase="Succeeded"), ("0/1", "Completed", "0")),
    (pod(container(terminated(1, reason="Error"))), ("0/1", "Error", "0")),
    (pod(container(terminated(3))), ("0/1", "ExitCode:3", "0")),
    (pod(container(terminated(137, signal=9))), ("0/1", "Signal:9", "0")),
    (pod(phase="Failed", reason="Evicted"), ("0/0", "Evicted", "0")),
    (pod(phase="Pending"), ("0/0", "Pending", "0")),
    (
        pod(
            container(COMPLETED), container(RUNNING, ready=True), conditions=("Ready",)
        ),
        ("1/2", "Running", "0"),
    ),
    (
        pod(container(COMPLETED), container(RUNNING, ready=True)),
        ("1/2", "NotReady", "0"),
    ),
    (
        pod(container(waiting("A")), container(waiting("B"))),
        ("0/2", "A", "0"),
    ),
]


@pytest.mark.parametrize(("obj", "expected"), STATES)
def test_status_follows_the_containers(
    obj: Object, expected: tuple[str, str, str]
) -> None:
    """Reasons of containers override the phase; the first container has precedence."""
    assert shown(obj) == expected


def one(state: Object, **more: object) -> Object:
    return container(state, name="i1") | more


STARTED: Object = {"started": True, "ready": True}
INITIALIZING = [
    (
        pod(container(waiting("PodInitializing")), init=(one(RUNNING),)),
        ("0/1", "Init:0/1", "0"),
    ),
    (
        pod(
            container(waiting("PodInitializing")),
            init=(one(COMPLETED), container(waiting("PodInitializing"), name="i2")),
        ),
        ("0/1", "Init:1/2", "0"),
    ),
    (
        pod(container({}), init=(one(terminated(1, reason="Error")),)),
        ("0/1", "Init:Error", "0"),
    ),
    (pod(container({}), init=(one(terminated(2)),)), ("0/1", "Init:ExitCode:2", "0")),
    (
        pod(container({}), init=(one(terminated(137, signal=9)),)),
        ("0/1", "Init:Signal:9", "0"),
    ),
    (
        pod(
            container({}),
            init=(container(waiting("CrashLoopBackOff"), name="i", restarts=2),),
        ),
        ("0/1", "Init:CrashLoopBackOff", "2 (2m ago)"),
    ),
    (
        pod(container(waiting("PodInitializing")), init=(one(COMPLETED),)),
        ("0/1", "PodInitializing", "0"),
    ),
    (
        pod(
            container(RUNNING, ready=True),
            init=(container(COMPLETED, name="i", restarts=3),),
        ),
        ("1/1", "Running", "0"),
    ),
    (
        pod(
            container(RUNNING, ready=True),
            init=(one(RUNNING) | STARTED,),
            sidecars=("i1",),
        ),
        ("2/2", "Running", "0"),
    ),
    (
        pod(
            container(waiting("PodInitializing")),
            init=(one(RUNNING),),
            sidecars=("i1",),
        ),
        ("0/2", "Init:0/1", "0"),
    ),
    (
        pod(
            container(RUNNING, ready=True),
            init=(container(RUNNING, name="i1", restarts=2) | STARTED,),
            sidecars=("i1",),
        ),
        ("2/2", "Running", "2 (2m ago)"),
    ),
    (
        pod(
            container(RUNNING, ready=True),
            init=(one(waiting("CrashLoopBackOff")),),
            sidecars=("i1",),
            conditions=("Initialized",),
        ),
        ("1/2", "Init:CrashLoopBackOff", "0"),
    ),
]


@pytest.mark.parametrize(("obj", "expected"), INITIALIZING)
def test_status_shows_the_progress_of_initialization(
    obj: Object, expected: tuple[str, str, str]
) -> None:
    """Init containers are counted until done; sidecars count as containers."""
    assert shown(obj) == expected


def test_pod_being_deleted_is_terminating() -> None:
    """Deletion overrides every status except a final one."""
    running = pod(container(RUNNING, ready=True))
    ended = pod(container(COMPLETED), phase="Succeeded")
    lost = pod(container(RUNNING, ready=True), reason="NodeLost")
    for obj in (running, ended, lost):
        obj["metadata"]["deletionTimestamp"] = ENDED

    assert shown(running) == ("1/1", "Terminating", "0")
    assert shown(ended) == ("0/1", "Completed", "0")
    assert shown(lost) == ("1/1", "Unknown", "0")


def test_gated_pod_is_shown_as_gated() -> None:
    """It is not just pending."""
    obj = pod(phase="Pending")
    gated = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
    obj["status"]["conditions"] = [gated]

    assert shown(obj)[1] == "SchedulingGated"


def test_wide_columns_show_address_and_node() -> None:
    """Unknown values are `<none>`."""
    obj = pod(container(RUNNING), podIPs=[{"ip": "10.0.0.2"}], conditions=("a",))
    obj["spec"]["readinessGates"] = [{"conditionType": "a"}, {"conditionType": "b"}]

    assert row(obj)["cells"][4:] == ["3m", "10.0.0.2", "n1", "<none>", "1/2"]
    assert row({"metadata": {"name": "x"}})["cells"] == [
        "x",
        "0/0",
        "",
        "0",
        "<unknown>",
        "<none>",
        "<none>",
        "<none>",
        "<none>",
    ]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_row_of_a_finished_pod_has_a_condition(phase: str) -> None:
    """kubectl identifies finished pods by it."""
    [condition] = row(pod(phase=phase))["conditions"]

    assert condition["type"] == "Completed"
    assert condition["reason"] == phase
    assert "conditions" not in row(pod())


def test_restarts_of_all_containers_are_added() -> None:
    """The age is that of the latest restart."""
    old = container(RUNNING, restarts=1, ready=True)
    old["lastState"]["terminated"]["finishedAt"] = "2025-12-31T20:00:00Z"

    found = shown(pod(old, container(RUNNING, restarts=2, ready=True)))

    assert found == ("2/2", "Running", "3 (2m ago)")

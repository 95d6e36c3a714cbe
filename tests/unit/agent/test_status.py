"""What is seen of a pod, in the words of its status."""

import pytest

from supervisor.agent.pods.plan import Situation
from supervisor.agent.pods.plan.pod import decide
from supervisor.agent.pods.status import pod_status
from supervisor.model.meta import Condition
from supervisor.model.pod import (
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodIP,
    PodReadinessGate,
    PodStatus,
    ResourceRequirements,
)
from supervisor.probing.base import Kind, Verdicts
from supervisor.runtime.base import ObservedContainer, ObservedPod
from tests.unit.agent import build
from tests.unit.agent.build import container, created, exited, pod, running
from tests.unit.agent.build import seen as engine_has

NOW = 1000.0


def status(
    declared: Pod,
    seen: ObservedPod,
    verdicts: Verdicts | None = None,
    messages: dict[str, str] | None = None,
) -> PodStatus:
    it = Situation(declared, seen, verdicts or {}, NOW)
    return pod_status(it, decide(it), messages or {}, host_ip="192.0.2.7")


def test_a_pod_that_has_ended_keeps_its_addresses() -> None:
    """Its sandbox is gone; hostIP and startTime stay as well."""
    old = PodStatus(
        "Succeeded",
        pod_ip="10.0.0.7",
        pod_ips=(PodIP("10.0.0.7"), PodIP("2001:db8::7")),
        start_time="2026-01-02T03:04:05Z",
    )
    declared = pod(restart_policy="Never", status=old)
    found = status(declared, engine_has(exited(code=0), sandboxes=()))

    assert (found.pod_ip, found.pod_ips) == (old.pod_ip, old.pod_ips)
    assert (found.host_ip, found.start_time) == ("192.0.2.7", old.start_time)


def test_the_address_of_a_new_sandbox_replaces_the_old_one() -> None:
    """Until there is one, the old one is shown, as in Kubernetes."""
    declared = pod(status=PodStatus("Running", pod_ip="10.0.0.1"))
    dead = engine_has(running(), sandboxes=(build.sandbox(alive=False),))

    assert status(declared, dead).pod_ips == (PodIP("10.0.0.1"),)
    assert status(declared, engine_has(running())).pod_ips == (PodIP("10.0.0.7"),)


@pytest.mark.parametrize(
    ("policy", "first", "second", "phase"),
    [
        ("Always", running("a"), running("b"), "Running"),
        ("Always", running("a"), exited("b"), "Running"),
        ("Always", exited("a", code=0), exited("b"), "Running"),
        ("OnFailure", exited("a", code=0), exited("b"), "Running"),
        ("OnFailure", exited("a", code=0), exited("b", code=0), "Succeeded"),
        ("Never", exited("a", code=0), exited("b", code=0), "Succeeded"),
        ("Never", exited("a", code=0), exited("b"), "Failed"),
        ("Never", running("a"), exited("b"), "Running"),
        ("Never", running("a"), created("b"), "Pending"),
    ],
)
def test_the_phase_follows_from_the_containers_and_the_policy(
    policy: str, first: ObservedContainer, second: ObservedContainer, phase: str
) -> None:
    """One row per situation of section 2.6 of the reference."""
    two = pod(container("a"), container("b"), restart_policy=policy)

    assert status(two, engine_has(first, second)).phase == phase


def test_a_phase_in_which_a_pod_has_ended_is_final() -> None:
    """Whatever is seen afterwards."""
    done = pod(status=PodStatus(phase="Succeeded"))

    assert status(done, engine_has(exited(code=3))).phase == "Succeeded"


@pytest.mark.parametrize(
    ("dead", "reason", "code"),
    [
        (exited(code=0), "Completed", 0),
        (exited(code=143), "Error", 143),
        (exited(code=0, oom=True), "OOMKilled", 0),
        (created(error="no such file"), "ContainerCannotRun", 127),
    ],
)
def test_an_end_has_a_reason(dead: ObservedContainer, reason: str, code: int) -> None:
    """Docker's facts in Kubernetes' words."""
    found = status(pod(restart_policy="Never"), engine_has(dead))

    ended = found.container_statuses[0].state.terminated
    assert ended is not None
    assert (ended.reason, ended.exit_code) == (reason, code)


def test_last_words_are_shown() -> None:
    """What a container left in its termination log."""
    found = status(
        pod(), engine_has(running(attempt=1), exited()), messages={"app0": "bye"}
    )

    ended = found.container_statuses[0].last_state.terminated
    assert ended is not None
    assert ended.message == "bye"


def test_a_vanished_container_is_told_apart() -> None:
    """Nobody knows how it ended, and its successor has the higher count."""
    before = ContainerStatus(
        name="app",
        state=ContainerState(running=ContainerStateRunning()),
        container_id="docker://gone",
        restart_count=3,
    )
    known = pod(status=PodStatus(container_statuses=(before,)), restart_policy="Never")
    found = status(known, engine_has()).container_statuses[0]

    ended = found.state.terminated
    assert ended is not None
    assert (ended.reason, ended.exit_code) == ("ContainerStatusUnknown", 137)
    assert found.restart_count == 3


def test_the_end_of_a_removed_container_is_not_forgotten() -> None:
    """What the last status knew stands, when its container was pruned."""
    end = ContainerStateTerminated(exit_code=0, reason="Completed")
    before = ContainerStatus(
        name="app", state=ContainerState(terminated=end), container_id="docker://app0"
    )
    known = pod(status=PodStatus(container_statuses=(before,)), restart_policy="Never")
    found = status(known, engine_has())

    assert found.container_statuses[0].state.terminated == end
    assert found.phase == "Succeeded"


def test_the_last_state_outlives_the_container_that_it_tells_of() -> None:
    """Of a container that has ended only the newest instance is kept."""
    first = engine_has(exited(attempt=1, code=0), exited(attempt=0, code=1))
    before = status(pod(restart_policy="OnFailure"), first)

    later = status(
        pod(restart_policy="OnFailure", status=before),
        engine_has(exited(attempt=1, code=0)),
    )

    last = later.container_statuses[0].last_state.terminated
    assert last is not None
    assert last.exit_code == 1


def test_ready_needs_the_readiness_probe_of_this_very_container() -> None:
    """A verdict on its predecessor says nothing."""
    probed = pod(container(readiness_probe=build.PROBE))
    now_seen = engine_has(running(attempt=1), exited())

    for container_id, ready in (("app0", False), ("app1", True)):
        verdicts = build.passing(Kind.READINESS, container_id)
        found = status(probed, now_seen, verdicts)
        assert found.container_statuses[0].ready is ready


def test_unready_containers_are_named() -> None:
    """In both conditions, as upstream does."""
    probed = pod(container(readiness_probe=build.PROBE), container("log"))
    found = status(probed, engine_has(running(), running("log")))

    for kind in ("Ready", "ContainersReady"):
        condition = found.condition(kind)
        assert condition is not None
        assert (condition.status, condition.reason) == ("False", "ContainersNotReady")
        assert condition.message == "containers with unready status: [app]"


def test_a_condition_keeps_the_instant_of_its_last_change() -> None:
    """Looking again is no change."""
    since = "2020-01-01T00:00:00Z"
    rows = (
        Condition("Ready", "True", last_transition_time=since),
        Condition("ContainersReady", "False", last_transition_time=since),
    )
    found = status(pod(status=PodStatus(conditions=rows)), engine_has(running()))

    ready, containers = found.condition("Ready"), found.condition("ContainersReady")
    assert ready is not None and containers is not None
    assert ready.last_transition_time == since
    assert containers.last_transition_time == "1970-01-01T00:16:40Z"


def test_a_readiness_gate_holds_the_pod_back() -> None:
    """Until somebody else's condition is True; that condition is left alone."""
    gate = PodReadinessGate("example.org/open")
    gated = pod(readiness_gates=(gate,))
    found = status(gated, engine_has(running()))
    ready = found.condition("Ready")
    assert ready is not None
    assert (ready.status, ready.reason) == ("False", "ReadinessGatesNotReady")

    opened = Condition("example.org/open", "True")
    gated = pod(readiness_gates=(gate,), status=PodStatus(conditions=(opened,)))
    found = status(gated, engine_has(running()))
    ready = found.condition("Ready")
    assert ready is not None and ready.status == "True"
    assert found.condition("example.org/open") == opened


def test_a_pod_past_its_deadline_is_failed_with_that_reason() -> None:
    """Once nothing of it runs any more."""
    late = pod(
        status=PodStatus(start_time="1970-01-01T00:00:00Z"),
        active_deadline_seconds=900,
    )
    assert status(late, engine_has(running())).phase == "Running"

    found = status(late, engine_has(exited(code=137)))

    assert (found.phase, found.reason) == ("Failed", "DeadlineExceeded")


@pytest.mark.parametrize(
    ("limits", "requests", "qos"),
    [
        (None, None, "BestEffort"),
        ({"memory": "1Gi"}, None, "Burstable"),
        (
            {"cpu": "1", "memory": "1Gi"},
            {"cpu": "1000m", "memory": "1Gi"},
            "Guaranteed",
        ),
        ({"cpu": "1", "memory": "1Gi"}, {"cpu": "500m"}, "Burstable"),
    ],
)
def test_the_quality_of_service_follows_from_the_resources(
    limits: dict[str, str | int | float] | None,
    requests: dict[str, str | int | float] | None,
    qos: str,
) -> None:
    """Equal amounts are equal however they are written."""
    wants = ResourceRequirements(limits, requests)

    assert status(pod(container(resources=wants)), engine_has()).qos_class == qos

"""How pods come to a standstill: plans for deleted, finished and unknown ones."""

from dataclasses import replace

from supervisor.agent.pods.plan import explain, plan, stopping
from supervisor.model.pod import Container, ContainerStatus, Pod, PodStatus
from supervisor.runtime.base import ObservedPod
from tests.unit.agent.build import container, exited, pod, running
from tests.unit.agent.build import seen as engine_has

DELETED = {
    "deletion_timestamp": "1970-01-01T00:16:40Z",
    "deletion_grace_period_seconds": 30,
}
#: The instant of `deletion_timestamp`.
DUE = 1000.0
SIDE = container("side", restart_policy="Always")


def text(declared: Pod, seen: ObservedPod | None, now: float = DUE - 30) -> str:
    return explain(plan(declared, seen, {}, now))


def deleted(*containers: Container, **meta: object) -> Pod:
    return pod(*containers, meta={**DELETED, **meta}, init_containers=(SIDE,))


def test_regular_containers_of_a_deleted_pod_stop_side_by_side() -> None:
    """Its sidecars have to wait for them."""
    two = deleted(container("a"), container("b"))
    now_seen = engine_has(running("a"), running("b"), running("side"))

    assert text(two, now_seen) == (
        "kill a within 30 s (Stopping container a)\n"
        "kill b within 30 s (Stopping container b)"
    )


def test_sidecars_get_what_is_left_of_the_grace() -> None:
    """The grace ends at the deletion's instant, for all of the pod."""
    now_seen = engine_has(exited("app"), running("side"))

    assert text(deleted(container()), now_seen, DUE - 11.5) == (
        "kill side within 12.5 s (Stopping container side)"
    )


def test_what_is_dead_is_reported_removed_and_then_the_object_goes() -> None:
    """In this order, so that no end is lost and nothing is left behind."""
    assert text(deleted(container()), engine_has(exited("app"))) == (
        "report status (its end is not seen any more later)\n"
        "remove app app0 (the pod is deleted)\n"
        "remove sandbox sandbox0 (the pod is deleted)\n"
        "remove volumes (the pod is deleted)\n"
        "delete pod (nothing of it is left)"
    )


def test_an_object_that_is_held_by_a_finalizer_is_left_in_peace() -> None:
    """We have said our part once; the rest is somebody else's."""
    held = deleted(
        container(), finalizers=("example.org/keep",), deletion_grace_period_seconds=0
    )

    assert text(held, None) == ""


def test_a_finished_pod_keeps_its_dead_for_their_logs() -> None:
    """Only its sandbox and its older instances go."""
    told = ContainerStatus("app", container_id="docker://app1")
    status = PodStatus(phase="Succeeded", pod_ip="10.0.0.7", container_statuses=(told,))
    now_seen = engine_has(exited(attempt=1), exited(attempt=0))

    assert text(pod(status=status), now_seen) == (
        "remove sandbox sandbox0 (the pod is over)\nremove app app0 (an older instance)"
    )


def test_an_earlier_end_is_reported_before_its_container_goes() -> None:
    """Else nobody would know any more how the instance before the last one ended."""
    told = ContainerStatus("app", container_id="docker://app0")
    status = PodStatus(phase="Succeeded", pod_ip="10.0.0.7", container_statuses=(told,))
    now_seen = engine_has(exited(attempt=1), exited(attempt=0))

    assert text(pod(status=status), now_seen) == (
        "remove sandbox sandbox0 (the pod is over)\n"
        "report status (lastState would be lost)\n"
        "remove app app0 (an older instance)"
    )


def test_a_pod_that_was_failed_by_others_stops() -> None:
    """A phase in which a pod has ended is final, whatever still runs."""
    evicted = pod(status=PodStatus(phase="Failed", reason="Evicted"))

    assert text(evicted, engine_has(running())) == (
        "kill app within 30 s (Stopping container app)"
    )


def test_an_unknown_pod_is_stopped_with_the_grace_of_its_label() -> None:
    """Its spec is gone, but its containers remember how long they may take."""
    labels = {stopping.TERMINATION_GRACE: "7"}
    orphan = engine_has(replace(running(), labels=labels))

    assert explain(stopping.unknown(orphan)) == (
        "kill app within 7 s (the API knows no such pod)"
    )
    assert explain(stopping.unknown(orphan, 0.0)).startswith("kill app within 0 s")


def test_what_is_left_of_an_unknown_pod_goes() -> None:
    """Containers, sandbox and volumes."""
    assert explain(stopping.unknown(engine_has(exited()))) == (
        "remove app app0 (the API knows no such pod)\n"
        "remove sandbox sandbox0 (the API knows no such pod)\n"
        "remove volumes (the API knows no such pod)"
    )


def test_volumes_of_an_unknown_pod_go_though_its_containers_are_gone() -> None:
    """A forced deletion leaves no object that would bring a new agent back to them."""
    assert explain(stopping.unknown(engine_has(sandboxes=()))) == (
        "remove volumes (the API knows no such pod)"
    )

"""What a ReplicationController plans, as text."""

import msgspec

from supervisor.controllers.workloads import replicas
from supervisor.controllers.workloads.replicas import Counts, CreatePods, Plan
from supervisor.controllers.workloads.replication import plan, wanted_by
from supervisor.model import times
from supervisor.model.kinds import ReplicationController
from supervisor.model.pod import Pod, PodStatus
from tests.fakes.clock import START
from tests.unit.controllers.build import pod, rc


def explain(todo: Plan) -> list[str]:
    """One line per action."""
    lines = []
    for action in todo.actions:
        what = action.count if isinstance(action, CreatePods) else action.name
        lines.append(f"{type(action).__name__} {what}: {action.because}")
    return lines


def planned(what: ReplicationController, *pods: Pod) -> list[str]:
    return explain(plan(what, list(pods), START))


def test_missing_pods_are_created() -> None:
    """A new controller creates all its pods."""
    assert planned(rc(3)) == ["CreatePods 3: 0 of 3 pods are there"]


def test_the_right_number_of_pods_needs_nothing() -> None:
    """Readiness does not matter to the count."""
    assert planned(rc(2), pod("a"), pod("b", ready_at=START)) == []


def test_a_terminating_pod_is_replaced_at_once() -> None:
    """A pod stops counting at the instant of its deletion."""
    assert planned(rc(2), pod("a"), pod("b", deleting=True)) == [
        "CreatePods 1: 1 of 2 pod is there"
    ]


def test_a_finished_pod_is_replaced_and_left_alone() -> None:
    """Failed and succeeded pods are no replicas."""
    ended = pod("a", phase="Failed"), pod("b", phase="Succeeded")

    assert planned(rc(1), *ended) == ["CreatePods 1: 0 of 1 pods are there"]


def rejected(name: str, at: float) -> Pod:
    """A pod that its node did not take."""
    status = PodStatus("Failed", reason="OutOfcpu", start_time=times.to_text(at))
    return msgspec.structs.replace(pod(name), status=status)


def test_after_rejected_pods_the_next_one_waits() -> None:
    """1 s after the first, twice as long after each further one, a minute at most."""
    for count, pause in ((1, 1), (2, 2), (4, 8), (20, 60)):
        pods = [rejected(f"r{n}", START - n) for n in range(count)]
        todo = plan(rc(1), pods, START)
        assert (explain(todo), todo.wake_at) == ([], START + pause)
        later = plan(rc(1), pods, START + pause)
        assert explain(later) == ["CreatePods 1: 0 of 1 pods are there"]


def test_too_many_pods_go_though_one_was_rejected() -> None:
    """Only creation waits."""
    pods = pod("a", ready_at=START), pod("b"), rejected("c", START)

    assert planned(rc(1), *pods) == ["DeletePod b: 2 of 1 pods are there"]


def test_of_too_many_pods_the_least_missed_are_deleted() -> None:
    """The ranking decides who goes."""
    pods = pod("a", ready_at=START), pod("b"), pod("c", ready_at=START)

    assert planned(rc(2), *pods) == ["DeletePod b: 3 of 2 pods are there"]


def test_a_matching_pod_without_a_controller_is_adopted_and_counts() -> None:
    """An orphan fills a place, so nothing is created for it."""
    assert planned(rc(1), pod("a", owned_by=None)) == [
        "AdoptPod a: it matches and has no owner"
    ]


def test_an_orphan_too_many_is_adopted_and_may_go_at_once() -> None:
    """A standalone pod that happens to match can cost a pod its life."""
    assert planned(rc(1), pod("a", ready_at=START), pod("b", owned_by=None)) == [
        "AdoptPod b: it matches and has no owner",
        "DeletePod b: 2 of 1 pods are there",
    ]


def test_a_pod_whose_labels_match_no_longer_is_released_and_replaced() -> None:
    """The released pod goes on running."""
    assert planned(rc(1), pod("a", labels={"app": "debug"})) == [
        "ReleasePod a: its labels match no longer",
        "CreatePods 1: 0 of 1 pods are there",
    ]


def test_a_changed_selector_releases_all_former_pods() -> None:
    """They run on, and new ones are created."""
    assert planned(rc(1, selector={"app": "other"}), pod("a"), pod("b")) == [
        "ReleasePod a: its labels match no longer",
        "ReleasePod b: its labels match no longer",
        "CreatePods 1: 0 of 1 pods are there",
    ]


def test_pods_of_another_controller_are_never_touched() -> None:
    """Two controllers with the same selector do not fight."""
    assert planned(rc(1), pod("a", owned_by="another")) == [
        "CreatePods 1: 0 of 1 pods are there"
    ]


def test_finished_and_deleted_orphans_are_not_adopted() -> None:
    """Only an active pod is worth adopting."""
    orphans = (
        pod("a", owned_by=None, phase="Succeeded"),
        pod("b", owned_by=None, deleting=True),
    )

    assert planned(rc(0), *orphans) == []


def test_a_controller_that_is_being_deleted_does_nothing() -> None:
    """It neither creates nor deletes, nor adopts, nor releases."""
    going = rc(5, deletionTimestamp="2026-01-02T03:04:05Z")
    pods = pod("a", labels={}), pod("b", owned_by=None), pod("c")

    assert planned(going, *pods) == []


def test_a_changed_template_touches_nothing() -> None:
    """Only the labels of pods count, not how they came to be."""
    what = rc(1)

    assert planned(what, pod("a", containers=[{"name": "x", "image": "old"}])) == []


def test_one_pass_creates_at_most_500() -> None:
    """The rest comes with the next pass."""
    assert planned(rc(501)) == ["CreatePods 500: 0 of 501 pods are there"]


def test_one_pass_deletes_at_most_500() -> None:
    """The rest comes with the next pass."""
    todo = plan(rc(1), [pod(f"p{n}") for n in range(502)], START)

    assert len(todo.actions) == 500


def test_the_status_counts_what_is_owned_and_active() -> None:
    """Replicas, those with all template labels, those ready, those available."""
    what = rc(3, min_ready_seconds=60)
    pods = [
        pod("starting"),
        pod("fresh", ready_at=START - 59),
        pod("available", ready_at=START - 60),
        pod("orphan", owned_by=None),
        pod("going", deleting=True),
        pod("ended", phase="Failed"),
    ]

    counts = replicas.count(wanted_by(what), pods, START)

    assert counts == Counts(replicas=3, fully_labeled=3, ready=2, available=1)


def test_a_pod_without_all_template_labels_is_not_fully_labeled() -> None:
    """The selector may ask for less than the template gives."""
    wanted = replicas.Wanted(
        "uid-of-kubia",
        wanted_by(rc()).selector,
        1,
        template_labels=(("app", "kubia"), ("tier", "web")),
    )
    labels = {"app": "kubia", "tier": "web"}

    counts = replicas.count(wanted, [pod("a"), pod("b", labels=labels)], START)

    assert counts == Counts(replicas=2, fully_labeled=1)


def test_the_plan_looks_again_when_the_next_pod_becomes_available() -> None:
    """The earliest instant at which a ready pod has been so long enough."""
    what = rc(2, min_ready_seconds=60)
    pods = [pod("a", ready_at=START - 20), pod("b", ready_at=START - 50)]

    assert plan(what, pods, START).wake_at == START + 10
    assert plan(rc(2), pods, START).wake_at is None

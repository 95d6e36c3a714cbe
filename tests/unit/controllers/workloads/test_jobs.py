"""Jobs on simulated nodes: how many pods run, how each end counts, and what follows."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import JOB
from supervisor.model import times
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.unit.controllers.workloads.living import Living

JOBS = JOB.resource


def job(policy: str = "Never", **spec: Any) -> Object:
    pod = {"restartPolicy": policy, "containers": [{"name": "c", "image": "x"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"template": {"spec": pod}} | spec,
    }


def started(policy: str = "Never", **spec: Any) -> Living:
    world = Living(1)
    world.create(JOBS, job(policy, **spec))
    world.live()
    return world


def running(world: Living) -> list[Object]:
    return [
        p
        for p in world.pods()
        if p["status"].get("phase") == "Running"
        and "deletionTimestamp" not in p["metadata"]
    ]


def end_one(world: Living, code: int = 0) -> None:
    world.end(running(world)[0], code)
    world.live()


def status(world: Living) -> Object:
    found: Object = world.get(JOBS)["status"]
    return found


def conditions(world: Living) -> dict[str, str]:
    rows = status(world).get("conditions", [])
    return {c["type"]: c["reason"] for c in rows if c["status"] == "True"}


def test_five_completions_two_at_a_time() -> None:
    """As in the book; then the Job is complete, and its pods stay."""
    world = started(completions=5, parallelism=2)
    seen = []
    while running(world):
        seen.append(len(running(world)))
        end_one(world)

    assert seen == [2, 2, 2, 2, 1]
    assert status(world)["succeeded"] == 5
    assert conditions(world) == {
        "SuccessCriteriaMet": "CompletionsReached",
        "Complete": "CompletionsReached",
    }
    assert "completionTime" in status(world)
    assert len(world.pods()) == 5
    assert all("finalizers" not in p["metadata"] for p in world.pods())


def test_a_failed_pod_is_replaced_later_each_time() -> None:
    """After 10 s, then 20 s; after the limit the Job has failed."""
    world = started(backoffLimit=2)
    for pause in (10, 20):
        end_one(world, 1)
        assert running(world) == []
        world.pass_time(pause - 1)
        world.live()
        assert running(world) == []
        world.pass_time(1)
        world.live()
        assert len(running(world)) == 1

    end_one(world, 1)

    assert conditions(world) == {
        "FailureTarget": "BackoffLimitExceeded",
        "Failed": "BackoffLimitExceeded",
    }
    assert status(world)["failed"] == 3
    assert len(world.pods()) == 3


def test_restarts_count_towards_the_limit() -> None:
    """With OnFailure it is the containers that fail, and the pod goes in the end."""
    world = started("OnFailure", backoffLimit=3)
    row = {"name": "c", "restartCount": 3, "state": {"running": {}}}
    world.set_status(running(world)[0], containerStatuses=[row])

    world.live()

    assert conditions(world)["Failed"] == "BackoffLimitExceeded"
    assert world.pods() == []


def test_a_job_that_takes_too_long_fails() -> None:
    """Its pods are deleted, and counted as failed."""
    world = started(activeDeadlineSeconds=30)

    world.pass_time(30)
    world.live()

    assert conditions(world)["Failed"] == "DeadlineExceeded"
    assert status(world)["failed"] == 1
    assert world.pods() == []


def test_a_queue_of_work_ends_with_its_workers() -> None:
    """Only parallelism is given: after one success no new pod is started."""
    world = started(parallelism=3)
    end_one(world)
    assert len(running(world)) == 2
    assert "Complete" not in conditions(world)
    end_one(world)
    end_one(world)

    assert status(world)["succeeded"] == 3
    assert "Complete" in conditions(world)


def test_a_suspended_job_runs_nothing_until_it_is_resumed() -> None:
    """Pods that are stopped for it are no failures."""
    world = started(parallelism=2, completions=2)
    world.change(JOBS, {"spec": {"suspend": True}})
    world.live()
    assert world.pods() == []
    assert conditions(world) == {"Suspended": "JobSuspended"}
    assert "startTime" not in status(world)

    world.change(JOBS, {"spec": {"suspend": False}})
    world.live()

    assert len(running(world)) == 2
    assert conditions(world) == {}
    assert status(world).get("failed", 0) == 0


def test_each_index_succeeds_once() -> None:
    """One that fails is tried again; pods are told their index."""
    world = started(completions=3, parallelism=3, completionMode="Indexed")
    by_index = {_index(p): p for p in running(world)}
    assert sorted(by_index) == ["0", "1", "2"]
    for name, code in (("0", 0), ("2", 0), ("1", 1)):
        world.end(by_index[name], code)
        world.live()
    assert status(world)["completedIndexes"] == "0,2"

    world.pass_time(10)
    world.live()
    assert [_index(p) for p in running(world)] == ["1"]
    end_one(world)

    assert status(world)["completedIndexes"] == "0-2"
    assert status(world)["succeeded"] == 3
    assert "Complete" in conditions(world)


def _index(pod: Object) -> str:
    notes = pod["metadata"]["annotations"]
    return str(notes["batch.kubernetes.io/job-completion-index"])


@pytest.mark.parametrize(
    ("code", "failed", "is_over"), [(42, 1, True), (7, 0, False), (1, 1, False)]
)
def test_a_policy_says_what_a_failure_means(
    code: int, failed: int, is_over: bool
) -> None:
    """By exit code: 42 fails the Job, 7 does not count, others do."""
    rules: list[Object] = [
        {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}},
        {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [7]}},
    ]
    world = started(podFailurePolicy={"rules": rules})

    end_one(world, code)

    assert status(world).get("failed", 0) == failed
    assert (conditions(world).get("Failed") == "PodFailurePolicy") is is_over


def test_a_finished_job_goes_when_its_time_is_over() -> None:
    """With its pods."""
    world = started(ttlSecondsAfterFinished=60)
    end_one(world)
    world.pass_time(59)
    assert world.api.list(JOBS, "default").items

    world.pass_time(1)
    world.live()

    assert world.api.list(JOBS, "default").items == []
    assert world.pods() == []


def test_a_job_can_be_started_later() -> None:
    """By an annotation that tells when."""
    world = Living(1)
    later = job()
    at = times.to_text(world.clock.now() + 100)
    later["metadata"]["annotations"] = {"supervisor.io/start-at": at}
    world.create(JOBS, later)
    world.live()
    assert world.pods() == []

    world.pass_time(100)
    world.live()

    assert len(running(world)) == 1
    assert status(world)["startTime"] == at


def test_a_start_that_is_no_time_is_refused() -> None:
    """The annotation is named."""
    wrong = job()
    wrong["metadata"]["annotations"] = {"supervisor.io/start-at": "tomorrow"}

    with pytest.raises(ApiError, match=r"supervisor.io/start-at.*RFC 3339"):
        Living(1).create(JOBS, wrong)


def test_pods_outlive_a_job_that_is_orphaned() -> None:
    """Without the finalizer, which nobody would take away any more."""
    world = started(completions=2, parallelism=2)
    orphan = DeleteOptions(propagation_policy="Orphan")

    world.api.delete(JOBS, "web", "default", orphan)
    world.live()

    assert len(running(world)) == 2
    assert all("finalizers" not in p["metadata"] for p in world.pods())


@given(steps=st.lists(st.sampled_from("sS0011drRn"), max_size=40))
@settings(max_examples=25, deadline=None)
def test_each_end_counts_exactly_once(steps: list[str]) -> None:
    """Whatever is interrupted, deleted or restarted, and in whatever order."""
    world = Living(1)
    world.create(JOBS, job(completions=4, parallelism=2, backoffLimit=100))
    world.live()
    ended = {0: 0, 1: 0}
    for step in steps:
        match step:
            case "0" | "1":
                for pod in running(world)[:1]:
                    world.end(pod, int(step))
                    ended[int(step)] += 1
            case "S":
                world.switchboard.step()
            case "r":
                world.start_one()
            case "d":
                for pod in [p for p in world.pods() if _is_over(p)][:1]:
                    world.api.delete("pods", pod["metadata"]["name"], "default")
            case "R":
                world.restart()
            case "n":
                world.pass_time(30)
            case _:
                world.settle()
    world.live()

    assert status(world).get("succeeded", 0) == ended[0]
    assert status(world).get("failed", 0) == ended[1]


def _is_over(pod: Object) -> bool:
    return pod["status"].get("phase") in ("Succeeded", "Failed")

"""Indexed Jobs: failures of single indexes, and success by a policy."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.client.base import WriteOptions
from supervisor.controllers.workloads.jobs import indexes
from supervisor.controllers.workloads.jobs.success_policy import matched
from supervisor.kinds.identity import JOB
from supervisor.model.jobs import SuccessPolicy, SuccessPolicyRule
from supervisor.model.meta import Object
from tests.unit.controllers.workloads.living import FAST, Living

JOBS = JOB.resource
INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"
FAIL_INDEX, IGNORE = 42, 7
POLICY: Object = {
    "rules": [
        {
            "action": "FailIndex",
            "onExitCodes": {"operator": "In", "values": [FAIL_INDEX]},
        },
        {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [IGNORE]}},
    ]
}


def job(completions: int, **spec: Any) -> Object:
    pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
    return {
        **JOB.head,
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "template": {"spec": pod},
            "completionMode": "Indexed",
            "completions": completions,
            "parallelism": completions,
        }
        | spec,
    }


def started(completions: int, **spec: Any) -> Living:
    world = Living(1, *FAST)
    world.create(JOBS, job(completions, **spec))
    world.live()
    return world


def running(world: Living) -> dict[int, Object]:
    """The pods that run, by index."""
    return {
        int(p["metadata"]["annotations"][INDEX]): p
        for p in world.pods()
        if p["status"].get("phase") == "Running"
        and "deletionTimestamp" not in p["metadata"]
    }


def end(world: Living, index: int, code: int = 0) -> None:
    world.end(running(world)[index], code)
    world.live()


def wait(world: Living, seconds: float) -> None:
    world.advance(seconds)
    world.live()


def status(world: Living) -> Object:
    found: Object = world.get(JOBS)["status"]
    return found


def outcome(world: Living) -> dict[str, str]:
    rows = status(world).get("conditions", [])
    return {c["type"]: c["reason"] for c in rows if c["status"] == "True"}


def test_an_index_fails_alone() -> None:
    """The others go on; in the end the Job has failed because of it."""
    world = started(3, backoffLimitPerIndex=0)
    end(world, 1, 1)
    assert status(world)["failedIndexes"] == "1"
    assert sorted(running(world)) == [0, 2]
    assert outcome(world) == {}

    end(world, 0)
    end(world, 2)

    assert outcome(world) == {
        "FailureTarget": "FailedIndexes",
        "Failed": "FailedIndexes",
    }
    done = status(world)
    assert (done["completedIndexes"], done["failedIndexes"]) == ("0,2", "1")
    assert (done["succeeded"], done["failed"]) == (2, 1)
    assert all("finalizers" not in p["metadata"] for p in world.pods())


def test_each_index_is_tried_as_often_as_the_limit_says() -> None:
    """Each pod knows how often its index has failed before."""
    world = started(2, backoffLimitPerIndex=1)
    end(world, 0, 1)
    assert status(world)["failedIndexes"] == ""
    wait(world, 10)
    counts = {
        i: p["metadata"]["annotations"][FAILURES] for i, p in running(world).items()
    }
    assert counts == {0: "1", 1: "0"}

    end(world, 0, 1)
    wait(world, 600)

    assert status(world)["failedIndexes"] == "0"
    assert sorted(running(world)) == [1]
    assert status(world)["failed"] == 2


def test_each_index_waits_for_itself() -> None:
    """10 s, then 20 s; an index that has not failed does not wait."""
    world = started(2, backoffLimitPerIndex=5, parallelism=1)
    end(world, 0, 1)
    wait(world, 9)
    assert sorted(running(world)) == []
    wait(world, 1)
    end(world, 0, 1)
    wait(world, 19)
    assert sorted(running(world)) == []
    wait(world, 1)
    end(world, 0)

    assert sorted(running(world)) == [1]


def test_a_failed_pod_is_kept_until_it_is_replaced() -> None:
    """Even if a user deletes it: the next one inherits the number of failures."""
    world = started(1, backoffLimitPerIndex=3)
    end(world, 0, 1)
    (pod,) = world.pods()
    world.api.delete("pods", pod["metadata"]["name"], "default")
    world.live()
    assert len(world.pods()) == 1

    world.restart()
    wait(world, 10)

    (other,) = world.pods()
    assert other["metadata"]["annotations"][FAILURES] == "1"
    assert status(world)["failed"] == 1


def test_too_many_failed_indexes_end_the_job() -> None:
    """The pods that still run are deleted, and count as failed."""
    world = started(4, backoffLimitPerIndex=0, maxFailedIndexes=1)
    end(world, 0, 1)
    assert outcome(world) == {}
    end(world, 1, 1)

    assert outcome(world)["Failed"] == "MaxFailedIndexesExceeded"
    assert status(world)["failedIndexes"] == "0,1"
    assert status(world)["failed"] == 4
    assert running(world) == {}


def test_a_policy_can_fail_an_index_at_once() -> None:
    """FailIndex, in spite of a limit that allows more."""
    world = started(2, backoffLimitPerIndex=5, podFailurePolicy=POLICY)
    end(world, 0, FAIL_INDEX)
    wait(world, 600)

    assert status(world)["failedIndexes"] == "0"
    assert sorted(running(world)) == [1]


def test_ignored_failures_of_an_index_are_counted_apart() -> None:
    """They delay the next attempt, but do not fail the index."""
    world = started(1, backoffLimitPerIndex=0, podFailurePolicy=POLICY)
    for pause, count in ((10, "1"), (20, "2")):
        end(world, 0, IGNORE)
        wait(world, pause - 1)
        assert running(world) == {}
        wait(world, 1)
        notes = running(world)[0]["metadata"]["annotations"]
        assert (notes[FAILURES], notes[IGNORED]) == ("0", count)

    assert status(world).get("failed", 0) == 0
    end(world, 0)
    assert "Complete" in outcome(world)


def test_the_limit_of_the_job_counts_all_indexes() -> None:
    """Also failed pods that are not replaced yet."""
    world = started(3, backoffLimitPerIndex=9, backoffLimit=1)
    end(world, 0, 1)
    end(world, 1, 1)

    assert outcome(world)["Failed"] == "BackoffLimitExceeded"
    assert status(world)["failed"] == 3


def test_enough_successes_complete_the_job() -> None:
    """By a rule of the policy; what still runs is stopped."""
    world = started(3, successPolicy={"rules": [{"succeededIndexes": "1"}]})
    end(world, 0)
    assert outcome(world) == {}
    end(world, 1)

    assert outcome(world) == {
        "SuccessCriteriaMet": "SuccessPolicy",
        "Complete": "SuccessPolicy",
    }
    messages = {c["message"] for c in status(world)["conditions"]}
    assert messages == {"Matched rules at index 0"}
    assert running(world) == {}
    assert status(world)["completedIndexes"] == "0,1"


@pytest.mark.parametrize(
    ("rules", "done", "found"),
    [
        ([(None, 2)], {5, 6}, 0),
        ([(None, 3)], {5, 6}, None),
        ([("0-2", None)], {0, 1}, None),
        ([("0-2", None)], {0, 1, 2}, 0),
        ([("0-2", 2)], {0, 2}, 0),
        ([("0-2", 2)], {2, 3, 4}, None),
        ([("9", None), (None, 1)], {0}, 1),
        ([(None, 0)], set(), None),
        ([("", None)], {0}, None),
    ],
)
def test_the_first_rule_that_holds_is_named(
    rules: list[tuple[str | None, int | None]], done: set[int], found: int | None
) -> None:
    """By certain indexes, by a number of them, or by a number of any."""
    policy = SuccessPolicy(tuple(SuccessPolicyRule(*rule) for rule in rules))
    expected = "" if found is None else f"Matched rules at index {found}"

    assert matched(policy, done) == expected


def test_failure_wins_over_success() -> None:
    """If both hold at the same time."""
    policy = {"rules": [{"succeededCount": 1}]}
    world = started(2, backoffLimitPerIndex=0, successPolicy=policy)
    pods = running(world)
    world.end(pods[0], 0)
    world.end(pods[1], 1)
    world.live()

    assert outcome(world)["Failed"] == "FailedIndexes"


def test_the_fields_cause_no_warning() -> None:
    """They are honoured."""
    made = job(
        2,
        backoffLimitPerIndex=1,
        maxFailedIndexes=1,
        podFailurePolicy=POLICY,
        successPolicy={"rules": [{"succeededIndexes": "0", "succeededCount": 1}]},
    )
    options = WriteOptions()
    Living(1, *FAST).api.create(JOBS, made, "default", options)

    assert options.warnings == []


def test_indexes_are_written_as_upstream_does() -> None:
    """Three in a row are a range, two are not."""
    assert indexes.to_text({0, 1, 3, 5, 6, 7}) == "0,1,3,5-7"
    assert indexes.parse("0,1,3,5-7") == {0, 1, 3, 5, 6, 7}


LIMIT = 2


class Attempts:
    """A Job of three indexes, and how often a pod of each was made to fail."""

    def __init__(self) -> None:
        self.world = Living(1, *FAST)
        self.failed = dict.fromkeys(range(3), 0)
        self.world.create(JOBS, job(3, parallelism=2, backoffLimitPerIndex=LIMIT))
        self.world.live()

    def take(self, step: str) -> None:
        match step:
            case "0" | "1" | "2":
                self.fail(int(step))
            case "3":
                self.succeed(1)
            case "d":
                self.delete_ended()
            case "R":
                self.world.restart()
            case "r":
                self.world.start_one()
            case "S":
                self.world.switchboard.step()
            case "n":
                self.world.advance(60)
            case _:
                self.world.settle()

    def fail(self, index: int) -> None:
        pod = running(self.world).get(index)
        if pod is not None:
            self.world.end(pod, 1)
            self.failed[index] += 1

    def succeed(self, count: int) -> None:
        for pod in list(running(self.world).values())[:count]:
            self.world.end(pod, 0)

    def delete_ended(self) -> None:
        for pod in self.world.pods():
            if pod["status"].get("phase") in ("Succeeded", "Failed"):
                self.world.api.delete("pods", pod["metadata"]["name"], "default")
                return

    def finish(self) -> None:
        for _ in range(10):
            wait(self.world, 600)
            self.succeed(3)
        self.world.live()


@given(steps=st.lists(st.sampled_from("0123dRrSsn"), max_size=40))
@settings(max_examples=25, deadline=None)
def test_each_failure_counts_exactly_once(steps: list[str]) -> None:
    """Whatever is interrupted, deleted or restarted, and in whatever order."""
    attempts = Attempts()
    for step in steps:
        attempts.take(step)
    attempts.finish()

    found, counts = status(attempts.world), attempts.failed
    failed = {i for i, count in counts.items() if count > LIMIT}
    assert all(count <= LIMIT + 1 for count in counts.values())
    assert indexes.parse(found["failedIndexes"]) == failed
    assert found.get("failed", 0) == sum(counts.values())
    assert ("Failed" if failed else "Complete") in outcome(attempts.world)

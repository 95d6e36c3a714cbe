"""CronJobs under a fake clock: each slot once, and the policies."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.kinds.identity import CRON_JOB, JOB
from supervisor.model import times
from supervisor.model.meta import Object
from tests.unit.controllers.workloads.living import FAST, Living
from tests.unit.controllers.workloads.test_jobs import job, running

CRONS, JOBS = CRON_JOB.resource, JOB.resource


def cron_job(schedule: str = "*/15 * * * *", **spec: Any) -> Object:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": job()["spec"]}} | spec,
    }


def scheduled(schedule: str = "*/15 * * * *", **spec: Any) -> Living:
    """A cluster just after a full hour, UTC, with the CronJob."""
    world = Living(1, *FAST, "garbage-collector")
    hour = 3600 - world.clock.now() % 3600
    world.advance(hour + 1)
    spec = {"timeZone": "Etc/UTC"} | spec
    world.create(CRONS, cron_job(schedule, **spec))
    world.live()
    return world


def slots(world: Living) -> list[str]:
    """The minutes of the hour for which there are Jobs."""
    found = world.api.list(JOBS, "default").items
    return sorted(
        datetime.fromtimestamp(int(j["metadata"]["name"][4:]) * 60, UTC).strftime("%M")
        for j in found
    )


def pass_minutes(world: Living, minutes: float) -> None:
    """Without a heartbeat: what runs is not looked at."""
    world.advance(minutes * 60)
    world.settle()


def finish(world: Living, code: int = 0) -> None:
    world.live()
    for pod in running(world):
        world.end(pod, code)
    world.live()


def test_a_job_is_made_for_each_slot() -> None:
    """Named by the slot, owned, and remembered in the status."""
    world = scheduled()
    assert slots(world) == []

    pass_minutes(world, 31)

    assert slots(world) == ["15", "30"]
    (made, _) = world.api.list(JOBS, "default").items
    assert made["metadata"]["ownerReferences"][0]["kind"] == "CronJob"
    found = world.get(CRONS)["status"]
    assert times.to_seconds(found["lastScheduleTime"]) % 1800 == 0
    assert len(found["active"]) == 2


def test_forbid_waits_for_the_job_that_runs() -> None:
    """And starts the latest slot when that has ended."""
    world = scheduled("* * * * *", concurrencyPolicy="Forbid")
    world.pass_time(120)
    assert slots(world) == ["01"]

    finish(world)

    assert slots(world) == ["01", "02"]
    assert "JobAlreadyActive" in " ".join(world.events())


def test_replace_ends_the_job_that_runs() -> None:
    """In favour of the next one."""
    world = scheduled(concurrencyPolicy="Replace")

    pass_minutes(world, 31)

    assert slots(world) == ["30"]


def test_a_suspended_cron_job_makes_nothing() -> None:
    """When it goes on, only the latest of the missed slots is run."""
    world = scheduled(suspend=True)
    pass_minutes(world, 50)
    assert slots(world) == []

    world.change(CRONS, {"spec": {"suspend": False}})
    world.settle()

    assert slots(world) == ["45"]


def test_a_slot_that_is_too_old_is_left_out() -> None:
    """By startingDeadlineSeconds."""
    world = scheduled(suspend=True, startingDeadlineSeconds=60)
    pass_minutes(world, 50)

    world.change(CRONS, {"spec": {"suspend": False}})
    world.settle()

    assert slots(world) == []


def test_finished_jobs_are_kept_up_to_the_limit() -> None:
    """Three completed ones, by default."""
    world = scheduled("* * * * *")
    for _ in range(6):
        world.pass_time(60)
        finish(world)

    done = world.api.list(JOBS, "default").items
    assert len(done) == 3
    assert all(j["status"]["succeeded"] == 1 for j in done)


def test_a_job_that_was_made_by_hand_does_not_count() -> None:
    """As `create job --from` makes them: without an owner."""
    world = scheduled(concurrencyPolicy="Forbid")
    made = job()
    made["metadata"]["name"] = "by-hand"
    world.create(JOBS, made)

    pass_minutes(world, 16)

    assert world.get(JOBS, "by-hand")
    assert len(world.api.list(JOBS, "default").items) == 2


def test_a_zone_decides_when_it_is_noon() -> None:
    """Tokyo has it at three in the morning, UTC."""
    world = scheduled("0 12 * * *", timeZone="Asia/Tokyo")

    pass_minutes(world, 24 * 60)

    (made,) = world.api.list(JOBS, "default").items
    at = int(made["metadata"]["name"][4:]) * 60
    assert datetime.fromtimestamp(at, UTC).hour == 3


@given(steps=st.lists(st.sampled_from("mmhRSf"), max_size=25))
@settings(max_examples=25, deadline=None)
def test_no_slot_runs_twice(steps: list[str]) -> None:
    """Whatever is restarted or interrupted; each Job's name is used once."""
    world = scheduled("*/5 * * * *", successfulJobsHistoryLimit=0)
    seen: dict[str, str] = {}
    for step in steps:
        match step:
            case "m":
                world.advance(60)
            case "h":
                world.advance(1800)
            case "R":
                world.restart()
            case "S":
                world.switchboard.step()
            case _:
                finish(world)
        world.settle()
        for made in world.api.list(JOBS, "default").items:
            meta = made["metadata"]
            assert seen.setdefault(meta["name"], meta["uid"]) == meta["uid"]

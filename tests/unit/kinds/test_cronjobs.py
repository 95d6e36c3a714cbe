"""CronJobs as objects: defaults, rules, older versions, columns, description."""

from copy import deepcopy

import pytest

from supervisor.model import times
from supervisor.model.meta import Object
from tests import kinds
from tests.unit.kinds.test_jobs import template

CRON_JOB = "cronjobs.batch"
NOW = times.to_seconds("2026-01-01T01:00:00Z")


def cron_job(**spec: object) -> Object:
    jobs = {"spec": {"template": template()}}
    meta = {"name": "x", "namespace": "default"}
    return {
        "metadata": meta,
        "spec": {"schedule": "*/5 * * * *", "jobTemplate": jobs} | spec,
    }


def problems(**spec: object) -> list[str]:
    obj = kinds.read(CRON_JOB, cron_job(**spec))
    return [str(error) for error in kinds.on_create(CRON_JOB, obj)]


def jobs(**spec: object) -> Object:
    return {"spec": {"template": template()} | spec}


def test_jobs_may_run_at_once_and_a_few_are_kept() -> None:
    """What its Jobs leave open is completed when they are made."""
    spec = kinds.read(CRON_JOB, cron_job())["spec"]
    template = spec.pop("jobTemplate")

    assert spec == {
        "schedule": "*/5 * * * *",
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }
    assert template["spec"].keys() == {"template"}
    assert template["spec"]["template"]["spec"]["dnsPolicy"] == "ClusterFirst"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"schedule": "@every 1h", "timeZone": "Europe/Berlin"}, []),
        ({"schedule": ""}, ["spec.schedule: Required value"]),
        (
            {"schedule": "* * * *"},
            [
                'spec.schedule: Invalid value: "* * * *": '
                "expected exactly 5 fields, found 4: [* * * *]"
            ],
        ),
        (
            {"schedule": "TZ=UTC 0 * * * *"},
            [
                'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": '
                "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            ],
        ),
        (
            {"timeZone": ""},
            [
                'spec.timeZone: Invalid value: "": '
                "timeZone must be nil or non-empty string"
            ],
        ),
        (
            {"timeZone": "Mars/Base"},
            ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
        ),
        (
            {"timeZone": "../etc"},
            ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc'],
        ),
        (
            {"concurrencyPolicy": "Maybe", "startingDeadlineSeconds": -1},
            [
                "spec.startingDeadlineSeconds: Invalid value: -1: "
                "must be greater than or equal to 0",
                'spec.concurrencyPolicy: Unsupported value: "Maybe": '
                'supported values: "Allow", "Forbid", "Replace"',
            ],
        ),
        (
            {"jobTemplate": jobs(selector={}, manualSelector=True)},
            [
                "spec.jobTemplate.spec.selector: Invalid value: {}: "
                "`selector` will be auto-generated",
                "spec.jobTemplate.spec.manualSelector: Unsupported value: true: "
                'supported values: "nil", "false"',
            ],
        ),
        (
            {"jobTemplate": jobs(template=template(restartPolicy="Always"))},
            [
                "spec.jobTemplate.spec.template.spec.restartPolicy: Required value: "
                'valid values: "OnFailure", "Never"'
            ],
        ),
        (
            {"failedJobsHistoryLimit": -1},
            [
                "spec.failedJobsHistoryLimit: Invalid value: -1: "
                "must be greater than or equal to 0"
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def test_the_local_zone_has_to_be_named() -> None:
    """`Local` means another zone on each machine."""
    assert problems(timeZone="Local")[0] == (
        'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone '
        "as defined in https://www.iana.org/time-zones"
    )


def test_its_name_leaves_room_for_the_slot() -> None:
    """Only when it is new."""
    obj = kinds.read(CRON_JOB, cron_job())
    obj["metadata"]["name"] = "x" * 53

    assert [str(e) for e in kinds.on_create(CRON_JOB, obj)] == [
        f'metadata.name: Invalid value: "{"x" * 53}": '
        "must be no more than 52 characters"
    ]
    assert kinds.on_update(CRON_JOB, obj, deepcopy(obj)) == []


def test_an_old_schedule_with_a_zone_may_stay() -> None:
    """But not beside the field."""
    old = kinds.read(CRON_JOB, cron_job(schedule="TZ=UTC 0 * * * *"))
    both = kinds.read(CRON_JOB, cron_job(schedule="TZ=UTC 1 * * * *", timeZone="UTC"))

    assert kinds.on_update(CRON_JOB, deepcopy(old), old) == []
    assert [str(e) for e in kinds.on_update(CRON_JOB, both, old)] == [
        'spec.schedule: Invalid value: "TZ=UTC 1 * * * *": '
        "cannot use both timeZone field and TZ or CRON_TZ in schedule"
    ]


@pytest.mark.parametrize("version", ["batch/v1beta1", "batch/v2alpha1"])
def test_an_older_version_is_read_as_it_was_shown(version: str) -> None:
    """It has the same fields and the same defaults."""
    stored = kinds.read(CRON_JOB, cron_job(), version)

    again = kinds.read(CRON_JOB, kinds.shown(CRON_JOB, stored, version), version)

    assert again == stored
    assert stored["apiVersion"] == "batch/v1"
    assert stored["spec"]["failedJobsHistoryLimit"] == 1


def test_a_floating_image_that_is_always_pulled_is_marked() -> None:
    """In the template of the template; its Jobs hand it on."""
    container = {"name": "a", "image": "i", "imagePullPolicy": "Always"}
    obj = cron_job(jobTemplate=jobs(template=template(containers=[container])))

    kinds.admit(CRON_JOB, obj)

    pods = obj["spec"]["jobTemplate"]["spec"]["template"]
    assert pods["metadata"]["annotations"] == {"supervisor.io/strict-pull": "a"}


def test_columns_are_upstreams() -> None:
    """The schedule, and when it was last acted upon."""
    obj = kinds.read(CRON_JOB, cron_job(timeZone="UTC"))
    obj["status"] = {
        "active": [{"name": "x-1"}],
        "lastScheduleTime": "2026-01-01T00:55:00Z",
    }

    assert kinds.column_names(CRON_JOB) == (
        "Name Schedule Timezone Suspend Active Last_Schedule Age "
        "Containers* Images* Selector*"
    )
    assert list(kinds.cells(CRON_JOB, obj, NOW).values()) == [
        "x", "*/5 * * * *", "UTC", "False", 1, "5m", "<unknown>",
        "app", "batch:1", "<none>",
    ]  # fmt: skip


def test_it_is_described_as_kubectl_does() -> None:
    """The schedule, its Jobs, and those that run."""
    obj = kinds.read(CRON_JOB, cron_job())
    obj["status"] = {"active": [{"name": "x-1"}, {"name": "x-2"}]}

    text = kinds.described(CRON_JOB, obj)

    assert text.startswith(
        "Name:                          x\n"
        "Namespace:                     default\n"
        "Labels:                        <none>\n"
        "Annotations:                   <none>\n"
        "Schedule:                      */5 * * * *\n"
        "Concurrency Policy:            Allow\n"
        "Suspend:                       False\n"
        "Time Zone:                     <unset>\n"
        "Successful Job History Limit:  3\n"
        "Failed Job History Limit:      1\n"
        "Starting Deadline Seconds:     <unset>\n"
        "Selector:                      <unset>\n"
        "Parallelism:                   <unset>\n"
        "Completions:                   <unset>\n"
        "Pod Template:\n"
    )
    assert "Last Schedule Time:  <unset>\nActive Jobs:         x-1, x-2\n" in text

"""The status of Jobs, and what is shown of it: columns and description."""

from copy import deepcopy

import pytest

from supervisor.kinds import selectable
from supervisor.kinds.all import CATALOG
from supervisor.model import times
from supervisor.model.meta import Object
from tests import kinds
from tests.unit.kinds.test_jobs import JOB, job

NOW = times.to_seconds("2026-01-01T01:00:00Z")


def condition(kind: str) -> Object:
    return {"type": kind, "status": "True"}


START, END = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"
DONE = [condition("SuccessCriteriaMet"), condition("Complete")]


@pytest.mark.parametrize(
    ("before", "status", "expected"),
    [
        ({}, {"active": 1, "ready": 1, "startTime": START}, []),
        (
            {"startTime": START},
            {"startTime": START, "completionTime": END, "conditions": DONE},
            [],
        ),
        (
            {"startTime": START},
            {"startTime": START, "completionTime": END, "conditions": DONE[1:]},
            [
                "status.conditions: Invalid value: cannot set Complete=True condition "
                "without the SuccessCriteriaMet=true condition"
            ],
        ),
        (
            {},
            {"startTime": END, "completionTime": START, "conditions": DONE},
            [
                f'status.completionTime: Invalid value: "{START}": '
                "must be equal to or after `startTime`"
            ],
        ),
        (
            {"conditions": [condition("Failed")], "startTime": START},
            {"startTime": START},
            [
                "status.conditions: Invalid value: "
                "cannot disable the terminal Failed=True condition"
            ],
        ),
        (
            {"failed": 3, "startTime": START},
            {"failed": 2, "startTime": END},
            [
                f'status.startTime: Invalid value: "{END}": '
                "field is immutable for unsuspended job once set",
                "status.failed: Invalid value: 2: cannot decrease the failed counter",
            ],
        ),
        (
            {},
            {
                "conditions": [condition("FailureTarget"), condition("Failed")],
                "active": 1,
                "uncountedTerminatedPods": {"succeeded": ["a", "a"]},
            },
            [
                'status.uncountedTerminatedPods.succeeded[1]: Duplicate value: "a"',
                "status.active: Invalid value: 1: active>0 is invalid for finished job",
                "status.startTime: Required value: "
                "startTime is required for finished job",
                "status.uncountedTerminatedPods: Invalid value: "
                '{"succeeded":["a","a"]}: must be empty for finished job',
            ],
        ),
        (
            {},
            {"completedIndexes": "0"},
            [
                'status.completedIndexes: Invalid value: "0": cannot set non-empty '
                "completedIndexes when non-indexed completion mode"
            ],
        ),
        (
            {},
            {"active": 1, "ready": 2},
            ["status.ready: Invalid value: 2: cannot set more ready pods than active"],
        ),
    ],
)
def test_a_status_makes_sense(
    before: Object, status: Object, expected: list[str]
) -> None:
    """Conditions, times and counts agree, and what has happened stays."""
    old, new = job() | {"status": before}, job() | {"status": status}

    assert [str(e) for e in kinds.on_status_update(JOB, new, old)] == expected


def test_indexes_do_not_overlap() -> None:
    """An index has succeeded or failed."""
    old = job(completionMode="Indexed", completions=9, backoffLimitPerIndex=1)
    new = deepcopy(old)
    new["status"] = {"completedIndexes": "1,3-5", "failedIndexes": "2,4-8"}

    assert [str(e) for e in kinds.on_status_update(JOB, new, old)] == [
        'status.failedIndexes: Invalid value: "2,4-8": '
        "failedIndexes and completedIndexes overlap at index: 4"
    ]


@pytest.mark.parametrize(
    ("spec", "status", "cells"),
    [
        ({}, {}, ["Running", "0/1", ""]),
        (
            {},
            {"startTime": START, "active": 1},
            ["Running", "0/1", "60m"],
        ),
        (
            {"completions": 5},
            {
                "startTime": START,
                "completionTime": END,
                "succeeded": 5,
                "conditions": DONE,
            },
            ["Complete", "5/5", "60s"],
        ),
        ({"parallelism": 3}, {"succeeded": 1}, ["Running", "1/1 of 3", ""]),
        (
            {"suspend": True},
            {"conditions": [condition("Suspended")]},
            ["Suspended", "0/1", ""],
        ),
    ],
)
def test_columns_are_upstreams(
    spec: Object, status: Object, cells: list[object]
) -> None:
    """What has become of the Job, how much of it is done, and how long it took."""
    obj = job(**spec) | {"status": status}

    assert kinds.column_names(JOB) == (
        "Name Status Completions Duration Age Containers* Images* Selector*"
    )
    assert list(kinds.cells(JOB, obj, NOW).values())[1:4] == cells


def test_it_is_selected_by_its_successes() -> None:
    """Under upstream's odd name."""
    kind = CATALOG.kind(JOB)

    assert "status.successful" in selectable.allowed(kind)
    assert selectable.value(kind, job(), "status.successful") == "0"
    done = job() | {"status": {"succeeded": 3}}
    assert selectable.value(kind, done, "status.successful") == "3"


def test_pods_are_left_by_clients_that_do_not_say_otherwise() -> None:
    """As of batch/v1 upstream."""
    assert CATALOG.kind(JOB).deletion.default_propagation == "Orphan"


def test_it_is_described_as_kubectl_does() -> None:
    """Numbers, times and what its pods are."""
    obj = job(ttlSecondsAfterFinished=60)
    obj["status"] = {
        "startTime": START,
        "completionTime": END,
        "succeeded": 1,
        "ready": 0,
    }
    obj["metadata"]["labels"] = {}

    text = kinds.described(JOB, obj, now=NOW)

    assert text.startswith(
        "Name:                        x\n"
        "Namespace:                   default\n"
        "Selector:                    batch.kubernetes.io/controller-uid=u\n"
        "Labels:                      <none>\n"
        "Annotations:                 <none>\n"
        "Parallelism:                 1\n"
        "Completions:                 1\n"
        "Completion Mode:             NonIndexed\n"
        "Suspend:                     false\n"
        "Backoff Limit:               6\n"
        "TTL Seconds After Finished:  60\n"
        "Start Time:                  Thu, 01 Jan 2026 00:00:00 +0000\n"
        "Completed At:                Thu, 01 Jan 2026 00:01:00 +0000\n"
        "Duration:                    60s\n"
        "Pods Statuses:               0 Active (0 Ready) / 1 Succeeded / 0 Failed\n"
        "Pod Template:\n"
    )


def test_a_huge_indexed_job_is_warned_about() -> None:
    """In upstream's words."""
    huge = job(completionMode="Indexed", completions=100_001, parallelism=10_001)

    [told] = CATALOG.kind(JOB).rules.warnings(huge)

    assert told.startswith("spec: In Indexed Jobs with a number of completions higher")

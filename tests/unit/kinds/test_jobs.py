"""Jobs as objects: defaults, the generated selector, rules."""

from copy import deepcopy

import pytest

from supervisor.model.meta import Object
from tests import kinds

JOB = "jobs.batch"
GENERATED = {
    "batch.kubernetes.io/controller-uid": "u",
    "batch.kubernetes.io/job-name": "x",
    "controller-uid": "u",
    "job-name": "x",
}


def template(**spec: object) -> Object:
    containers = [{"name": "app", "image": "batch:1"}]
    return {"spec": {"containers": containers, "restartPolicy": "Never"} | spec}


def job(**spec: object) -> Object:
    """A new Job as it is stored first."""
    meta = {"name": "x", "namespace": "default", "uid": "u"}
    given = {"metadata": meta, "spec": {"template": template()} | spec}
    made = kinds.read(JOB, given)
    kinds.prepare_create(JOB, made)
    return made


def problems(**spec: object) -> list[str]:
    return [str(error) for error in kinds.on_create(JOB, job(**spec))]


def test_one_pod_has_to_succeed() -> None:
    """And six may fail before."""
    spec = job()["spec"]

    assert {k: v for k, v in spec.items() if k not in ("template", "selector")} == {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "suspend": False,
        "podReplacementPolicy": "TerminatingOrFailed",
        "manualSelector": False,
    }


def test_a_work_queue_has_no_completions() -> None:
    """If only the number of pods at a time is given."""
    spec = job(parallelism=5)["spec"]

    assert spec["parallelism"] == 5 and "completions" not in spec


def test_some_defaults_depend_on_policies() -> None:
    """Pods are replaced when they have failed; each index has its own limit."""
    rule = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
    strict = job(podFailurePolicy={"rules": [deepcopy(rule)]})["spec"]
    indexed = job(completions=2, completionMode="Indexed", backoffLimitPerIndex=1)[
        "spec"
    ]

    assert strict["podReplacementPolicy"] == "Failed"
    condition = strict["podFailurePolicy"]["rules"][0]["onPodConditions"][0]
    assert condition["status"] == "True"
    assert indexed["backoffLimit"] == 2**31 - 1


def test_the_selector_is_made_of_name_and_uid() -> None:
    """Old labels and new ones; a Job without labels has them, too."""
    found = job()

    assert found["spec"]["selector"] == {
        "matchLabels": {"batch.kubernetes.io/controller-uid": "u"}
    }
    assert found["spec"]["template"]["metadata"]["labels"] == GENERATED
    assert found["metadata"]["labels"] == GENERATED
    assert kinds.on_create(JOB, found) == []


def test_a_manual_selector_is_left_alone() -> None:
    """Its user has to know what they do."""
    labels = {"app": "x"}
    pods = template() | {"metadata": {"labels": labels}}
    selector = {"matchLabels": labels}

    found = job(manualSelector=True, selector=selector, template=pods)

    assert found["spec"]["selector"] == selector
    assert found["spec"]["template"]["metadata"]["labels"] == labels
    assert kinds.on_create(JOB, found) == []


def test_a_selector_of_another_job_is_refused() -> None:
    """As a Job that was read and sent under a new name has it."""
    copied = job()
    copied["metadata"] |= {"name": "y", "uid": "v"}

    first = next(str(error) for error in kinds.on_create(JOB, copied))

    assert first == (
        "spec.template.metadata.labels[controller-uid]: Invalid value: "
        '{"controller-uid":"u","job-name":"x",'
        '"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"x"}: '
        "must be 'v'"
    )


_RULES = "spec.podFailurePolicy.rules"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        (
            {"template": {"spec": {"containers": [{"name": "a", "image": "b:1"}]}}},
            [
                "spec.template.spec.restartPolicy: Required value: "
                'valid values: "OnFailure", "Never"'
            ],
        ),
        (
            {"parallelism": -1, "backoffLimit": -2},
            [
                "spec.parallelism: Invalid value: -1: "
                "must be greater than or equal to 0",
                "spec.backoffLimit: Invalid value: -2: "
                "must be greater than or equal to 0",
            ],
        ),
        (
            {"completionMode": "Sorted"},
            [
                'spec.completionMode: Unsupported value: "Sorted": '
                'supported values: "NonIndexed", "Indexed"'
            ],
        ),
        (
            {"completionMode": "Indexed", "parallelism": 1},
            ["spec.completions: Required value: when completion mode is Indexed"],
        ),
        (
            {"backoffLimitPerIndex": 1},
            [
                "spec.backoffLimitPerIndex: Invalid value: 1: "
                "requires indexed completion mode"
            ],
        ),
        (
            {"completionMode": "Indexed", "completions": 2, "maxFailedIndexes": 3},
            [
                "spec.backoffLimitPerIndex: Required value: "
                "when maxFailedIndexes is specified",
                "spec.maxFailedIndexes: Invalid value: 3: "
                "must be less than or equal to completions",
            ],
        ),
        (
            {"podReplacementPolicy": "Never"},
            [
                'spec.podReplacementPolicy: Unsupported value: "Never": '
                'supported values: "Failed", "TerminatingOrFailed"'
            ],
        ),
        (
            {"podFailurePolicy": {"rules": [{"action": "FailJob"}]}},
            [
                f"{_RULES}[0]: Invalid value: "
                "specifying one of OnExitCodes and OnPodConditions is required"
            ],
        ),
        (
            {
                "podFailurePolicy": {
                    "rules": [
                        {
                            "action": "FailIndex",
                            "onExitCodes": {
                                "containerName": "b",
                                "operator": "In",
                                "values": [3, 0, 3],
                            },
                        }
                    ]
                }
            },
            [
                f'{_RULES}[0].action: Invalid value: "FailIndex": '
                "requires the backoffLimitPerIndex to be set",
                f'{_RULES}[0].onExitCodes.containerName: Invalid value: "b": must be '
                "one of the container or initContainer names in the pod template",
                f"{_RULES}[0].onExitCodes.values[1]: Invalid value: 0: "
                "must not be 0 for the In operator",
                f"{_RULES}[0].onExitCodes.values[2]: Duplicate value: 3",
                f"{_RULES}[0].onExitCodes.values: Invalid value: [3,0,3]: "
                "must be ordered",
            ],
        ),
        (
            {
                "podFailurePolicy": {
                    "rules": [{"action": "Count", "onPodConditions": [{"type": "A"}]}]
                    * 21
                }
            },
            [f"{_RULES}: Too many: 21: must have at most 20 items"],
        ),
        (
            {
                "template": template(restartPolicy="OnFailure"),
                "podFailurePolicy": {
                    "rules": [{"action": "Count", "onPodConditions": [{"type": "A"}]}]
                },
            },
            [
                'spec.template.spec.restartPolicy: Invalid value: "OnFailure": '
                'only "Never" is supported when podFailurePolicy is specified'
            ],
        ),
        (
            {
                "completionMode": "Indexed",
                "completions": 5,
                "successPolicy": {
                    "rules": [
                        {},
                        {"succeededIndexes": "1-3", "succeededCount": 4},
                        {"succeededIndexes": "3,1"},
                        {"succeededIndexes": "7"},
                    ]
                },
            },
            [
                "spec.successPolicy.rules[0]: Required value: at least one of "
                "succeededCount or succeededIndexes must be specified",
                "spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be "
                "less than or equal to 3 (the number of indexes in the specified "
                "succeededIndexes field)",
                'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "3,1": '
                "error parsing succeededIndexes: "
                "non-increasing order, previous: 3, current: 1",
                'spec.successPolicy.rules[3].succeededIndexes: Invalid value: "7": '
                'error parsing succeededIndexes: too large index: "7"',
            ],
        ),
        (
            {"successPolicy": {"rules": [{"succeededCount": 1}]}},
            [
                "spec.successPolicy: Invalid value: "
                '{"rules":[{"succeededCount":1}]}: requires indexed completion mode'
            ],
        ),
        (
            {"managedBy": "me"},
            [
                'spec.managedBy: Invalid value: "me": must be a domain-prefixed path '
                '(such as "acme.io/foo")'
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def test_a_start_is_an_instant() -> None:
    """It is ours, so the words are."""
    found = job()
    found["metadata"]["annotations"] = {"supervisor.io/start-at": "tomorrow"}

    assert [str(error) for error in kinds.on_create(JOB, found)] == [
        'metadata.annotations[supervisor.io/start-at]: Invalid value: "tomorrow": '
        "must be an RFC 3339 time such as 2026-01-02T15:04:05Z"
    ]


def updated(old: Object, **spec: object) -> list[str]:
    new = deepcopy(old)
    new["spec"] |= spec
    return [str(error) for error in kinds.on_update(JOB, new, old)]


def test_what_pods_are_made_of_never_changes() -> None:
    """How many run at a time, and whether any do, may change."""
    old = job()
    other = deepcopy(old["spec"]["template"])
    other["spec"]["hostNetwork"] = True

    assert updated(old, parallelism=4, suspend=True, backoffLimit=1) == []
    assert updated(old, completions=4) == [
        "spec.completions: Invalid value: 4: field is immutable"
    ]
    [template_error] = updated(old, template=other)
    assert template_error.startswith("spec.template: Invalid value: {")
    assert updated(old, completionMode="Indexed")[-1] == (
        'spec.completionMode: Invalid value: "Indexed": field is immutable'
    )


def test_completions_of_an_indexed_job_follow_its_parallelism() -> None:
    """Such a Job is elastic."""
    old = job(completionMode="Indexed", completions=2, parallelism=2)

    assert updated(old, completions=4, parallelism=4) == []
    assert updated(old, completions=4) == [
        "spec.completions: Invalid value: 4: "
        "can only be modified in tandem with spec.parallelism"
    ]


def test_a_suspended_job_may_be_placed_anew() -> None:
    """As long as it has not begun; what its pods run stays."""
    old = job(suspend=True)
    placed, other = (deepcopy(old["spec"]["template"]) for _ in range(2))
    placed["spec"]["nodeSelector"] = {"disk": "ssd"}
    placed["spec"]["affinity"] = {"nodeAffinity": {}}
    placed["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "1"}}
    other["spec"]["containers"][0]["image"] = "other:1"
    running = deepcopy(old) | {"status": {"startTime": "2026-01-01T00:00:00Z"}}

    assert updated(old, template=placed) == []
    assert len(updated(old, template=other)) == 1
    assert len(updated(running, template=placed)) == 1

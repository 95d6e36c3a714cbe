"""Defaults, validation, older versions and tables of the kinds that make pods."""

from copy import deepcopy
from typing import Any

import pytest

from supervisor.kinds.all import CATALOG
from supervisor.kinds.conversion import to_stored
from supervisor.model.meta import Object
from tests import kinds
from tests.odd_objects import minimal

NOW = 1_770_000_000.0


def made(plural: str, **spec: Any) -> Object:
    """The least that may be created, with `spec` over it, and its defaults."""
    resource = next(r for r in CATALOG.kinds if r.identity.plural == plural)
    obj = minimal(resource)
    obj["spec"] = deepcopy(obj["spec"]) | spec
    obj["metadata"]["uid"] = "uid-a"
    kinds.complete(resource.identity.resource, obj)
    kinds.prepare_create(resource.identity.resource, obj)
    return obj


def wrong(plural: str, **spec: Any) -> list[str]:
    """What is said about such an object."""
    resource = next(r for r in CATALOG.kinds if r.identity.plural == plural)
    found = kinds.on_create(resource.identity.resource, made(plural, **spec))
    return [f"{error.field}: {error.message}" for error in found]


@pytest.mark.parametrize(
    "plural", ["replicasets", "deployments", "daemonsets", "jobs", "cronjobs"]
)
def test_the_least_that_may_be_created_is_valid(plural: str) -> None:
    """With the defaults that the API fills in."""
    assert wrong(plural) == []


def test_a_deployment_rolls_with_a_quarter_by_default() -> None:
    """Follows pkg/apis/apps/v1/defaults.go."""
    spec = made("deployments")["spec"]

    assert spec["replicas"] == 1
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
    }
    assert spec["revisionHistoryLimit"] == 10
    assert spec["progressDeadlineSeconds"] == 600


def old(api_version: str, plural: str, **spec: Any) -> Object:
    """An object of an older version as it is stored."""
    kind = next(k for k in CATALOG.kinds if k.identity.plural == plural)
    version = kind.old_version(api_version)
    assert version is not None
    obj = minimal(kind) | {"apiVersion": api_version}
    obj["spec"] = {k: v for k, v in obj["spec"].items() if k != "selector"} | spec
    to_stored(kind, obj, version)
    kinds.complete(kind.identity.resource, obj)
    return obj


def test_the_oldest_deployments_have_defaults_of_their_own() -> None:
    """Selector and labels from the template, one pod at a time, no limits."""
    stored = old("extensions/v1beta1", "deployments", rollbackTo={"revision": 1})

    spec = stored["spec"]
    assert stored["apiVersion"] == "apps/v1"
    assert spec["selector"] == {"matchLabels": {"app": "a"}}
    assert stored["metadata"]["labels"] == {"app": "a"}
    bounds = {"maxUnavailable": 1, "maxSurge": 1}
    assert spec["strategy"]["rollingUpdate"] == bounds
    assert spec["revisionHistoryLimit"] == spec["progressDeadlineSeconds"] == 2**31 - 1
    assert "rollbackTo" not in spec


def test_the_next_version_kept_two_old_replica_sets() -> None:
    """And rolled as the present one does."""
    spec = old("apps/v1beta1", "deployments")["spec"]

    assert spec["revisionHistoryLimit"] == 2
    assert spec["strategy"]["rollingUpdate"]["maxSurge"] == "25%"
    assert spec["selector"] == {"matchLabels": {"app": "a"}}


def test_old_daemon_sets_wait_for_a_deletion() -> None:
    """OnDelete was the default of extensions/v1beta1."""
    stored = old("extensions/v1beta1", "daemonsets", templateGeneration=3)

    assert stored["spec"]["updateStrategy"] == {"type": "OnDelete"}
    assert "templateGeneration" not in stored["spec"]


def test_the_second_beta_of_apps_wants_a_selector() -> None:
    """As the present version does."""
    stored = old("apps/v1beta2", "replicasets")

    found = kinds.on_create("replicasets.apps", stored)

    fields = ["spec.selector", "spec.template.metadata.labels"]
    assert [f.field for f in found] == fields


@pytest.mark.parametrize(
    ("plural", "spec", "message"),
    [
        (
            "deployments",
            {"selector": {}},
            "spec.selector: Invalid value: {}: empty selector is invalid for "
            "deployment",
        ),
        (
            "deployments",
            {"selector": {"matchLabels": {"app": "b"}}},
            'spec.template.metadata.labels: Invalid value: {"app":"a"}: '
            "`selector` does not match template `labels`",
        ),
        (
            "deployments",
            {"strategy": {"type": "Recreate", "rollingUpdate": {}}},
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when "
            "strategy `type` is 'Recreate'",
        ),
        (
            "deployments",
            {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be "
            "0 when `maxSurge` is 0",
        ),
        (
            "deployments",
            {"strategy": {"rollingUpdate": {"maxUnavailable": "101%"}}},
            'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must '
            "not be greater than 100%",
        ),
        (
            "deployments",
            {"progressDeadlineSeconds": 5, "minReadySeconds": 5},
            "spec.progressDeadlineSeconds: Invalid value: 5: must be greater than "
            "minReadySeconds",
        ),
        (
            "daemonsets",
            {"updateStrategy": {"rollingUpdate": {"maxSurge": 1}}},
            "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be "
            "set when maxUnavailable is non-zero",
        ),
        (
            "jobs",
            {"completionMode": "Indexed", "completions": None, "parallelism": 2},
            "spec.completions: Required value: when completion mode is Indexed",
        ),
        (
            "cronjobs",
            {"schedule": "* * * *"},
            'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found '
            "4: [* * * *]",
        ),
        (
            "cronjobs",
            {"schedule": "TZ=UTC * * * * *"},
            'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or '
            "CRON_TZ in schedule, use timeZone field instead",
        ),
        (
            "cronjobs",
            {"timeZone": "Mars/Olympus"},
            'spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone '
            "Mars/Olympus",
        ),
        (
            "cronjobs",
            {"concurrencyPolicy": "Sometimes"},
            'spec.concurrencyPolicy: Unsupported value: "Sometimes": supported values: '
            '"Allow", "Forbid", "Replace"',
        ),
    ],
)
def test_a_mistake_is_named_in_upstreams_words(
    plural: str, spec: Object, message: str
) -> None:
    """One mistake, one message."""
    given = {key: value for key, value in spec.items() if value is not None}

    assert wrong(plural, **given) == [message]


def pod(policy: str) -> Object:
    spec: Object = {"containers": [{"name": "main", "image": "kubia"}]}
    return {
        "metadata": {"labels": {"app": "a"}},
        "spec": spec | {"restartPolicy": policy},
    }


def test_a_job_does_not_restart_for_ever() -> None:
    """And what keeps running does nothing else."""
    assert wrong("jobs", template=pod("Always")) == [
        "spec.template.spec.restartPolicy: Required value: valid values: "
        '"OnFailure", "Never"'
    ]
    assert wrong("deployments", template=pod("Never")) == [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported '
        'values: "Always"'
    ]


def test_a_job_selects_its_pods_by_its_uid() -> None:
    """Unless the user says that the selector is his own."""
    job = made("jobs")

    labels = job["spec"]["template"]["metadata"]["labels"]
    assert labels["batch.kubernetes.io/job-name"] == labels["job-name"] == "a"
    assert job["spec"]["selector"] == {
        "matchLabels": {"batch.kubernetes.io/controller-uid": "uid-a"}
    }


def test_a_selector_never_changes() -> None:
    """Nor does the template of a Job."""
    before = made("deployments")
    after = deepcopy(before)
    after["spec"]["selector"]["matchLabels"]["x"] = "y"
    after["spec"]["template"]["metadata"]["labels"]["x"] = "y"

    found = kinds.on_update("deployments.apps", after, before)

    assert [(f.field, f.message.rpartition(": ")[2]) for f in found] == [
        ("spec.selector", "field is immutable")
    ]
    job = made("jobs")
    changed = deepcopy(job)
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = "other"
    assert [f.field for f in kinds.on_update("jobs.batch", changed, job)] == [
        "spec.template"
    ]


def row(plural: str, obj: Object) -> list[Any]:
    kind = next(k for k in CATALOG.kinds if k.identity.plural == plural)
    return kind.columns.cells(obj, NOW)


def test_tables_show_what_kubectl_shows() -> None:
    """The cells of each kind, in order."""
    deployment = made("deployments", replicas=3)
    deployment["status"] = {"readyReplicas": 2, "updatedReplicas": 3}
    assert row("deployments", deployment)[:4] == ["a", "2/3", 3, 0]
    assert row("deployments", deployment)[5:] == ["main", "kubia", "app=a"]

    job = made("jobs", completions=5)
    job["status"] = {
        "succeeded": 2,
        "startTime": "2026-02-02T02:30:00Z",
        "completionTime": "2026-02-02T02:32:05Z",
        "conditions": [{"type": "Complete", "status": "True"}],
    }
    assert row("jobs", job)[:4] == ["a", "Complete", "2/5", "2m5s"]

    cron = made("cronjobs", timeZone="Etc/UTC")
    assert row("cronjobs", cron)[:6] == [
        "a",
        "0 0 1 1 *",
        "Etc/UTC",
        "False",
        0,
        "<none>",
    ]

    daemon_set = made("daemonsets")
    daemon_set["status"] = {"desiredNumberScheduled": 2, "numberReady": 1}
    assert row("daemonsets", daemon_set)[:7] == ["a", 2, 0, 1, 0, 0, "<none>"]

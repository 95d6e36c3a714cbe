"""Validation of updates: few fields of a pod may change."""

from copy import deepcopy

import pytest

from supervisor.model.meta import Object
from tests import kinds


def pod(**spec: object) -> Object:
    app = {"name": "app", "image": "kubia:1"}
    found: Object = {
        "metadata": {"name": "web", "namespace": "default", "uid": "u"},
        "spec": {"containers": [app]} | spec,
        "status": {"phase": "Running", "qosClass": "BestEffort"},
    }
    kinds.complete("pods", found)
    return found


def wrong(old: Object, **changes: object) -> list[str]:
    """Errors in an update of the spec; None removes a field."""
    new = deepcopy(old)
    new["spec"] |= changes
    kinds.complete("pods", new)
    return [str(error) for error in kinds.on_update("pods", new, old)]


TOLERATION = {"key": "a", "operator": "Exists", "effect": "NoExecute"}


@pytest.mark.parametrize(
    ("old", "changes"),
    [
        ({}, {}),
        ({}, {"containers": [{"name": "app", "image": "kubia:2"}]}),
        ({}, {"activeDeadlineSeconds": 60}),
        ({"activeDeadlineSeconds": 60}, {"activeDeadlineSeconds": 30}),
        ({}, {"tolerations": [TOLERATION]}),
        (
            {"tolerations": [TOLERATION]},
            {"tolerations": [TOLERATION | {"tolerationSeconds": 9}]},
        ),
        (
            {"terminationGracePeriodSeconds": -5},
            {"terminationGracePeriodSeconds": 1},
        ),
        ({"schedulingGates": [{"name": "a"}]}, {"schedulingGates": None}),
    ],
)
def test_images_deadlines_and_tolerations_may_change(
    old: Object, changes: Object
) -> None:
    """As upstream; the pull policy of a changed image is kept."""
    changed = deepcopy(changes)
    for container in changed.get("containers", []):
        container |= {"imagePullPolicy": "IfNotPresent"}

    assert wrong(pod(**old), **changed) == []


@pytest.mark.parametrize(
    ("old", "changes", "expected"),
    [
        (
            {},
            {"containers": [{"name": n, "image": "kubia:1"} for n in ("app", "b")]},
            [
                "spec.containers: Forbidden: "
                "pod updates may not add or remove containers"
            ],
        ),
        (
            {"activeDeadlineSeconds": 30},
            {"activeDeadlineSeconds": 60},
            [
                "spec.activeDeadlineSeconds: Invalid value: 60: "
                "must be less than or equal to previous value"
            ],
        ),
        (
            {"activeDeadlineSeconds": 30},
            {"activeDeadlineSeconds": None},
            [
                "spec.activeDeadlineSeconds: Invalid value: null: "
                "must not update from a positive integer to nil value"
            ],
        ),
        (
            {"tolerations": [TOLERATION]},
            {"tolerations": []},
            [
                "spec.tolerations: Forbidden: "
                "existing toleration can not be modified except its tolerationSeconds"
            ],
        ),
        (
            {},
            {"schedulingGates": [{"name": "a"}]},
            [
                "spec.schedulingGates[0].name: Forbidden: "
                "only deletion is allowed, but found new scheduling gate 'a'"
            ],
        ),
    ],
)
def test_other_changes_of_these_fields_are_refused(
    old: Object, changes: Object, expected: list[str]
) -> None:
    """Containers stay, deadlines decrease, tolerations are only added."""
    assert wrong(pod(**old), **changes) == expected


def test_any_other_change_is_refused_and_shown() -> None:
    """The message lists the allowed changes and the difference."""
    [found] = wrong(pod(), nodeName="n1", restartPolicy="Never")

    assert found == (
        "spec: Forbidden: pod updates may not change fields other than "
        "`spec.containers[*].image`,`spec.initContainers[*].image`,"
        "`spec.activeDeadlineSeconds`,"
        "`spec.tolerations` (only additions to existing tolerations),"
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
        "previously negative)\n"
        '+ nodeName: "n1"\n'
        '- restartPolicy: "Always"\n'
        '+ restartPolicy: "Never"'
    )


@pytest.mark.parametrize(
    "field", ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"]
)
def test_identity_never_changes(field: str) -> None:
    """An object with another name or uid is another object."""
    old, new = pod(), pod()
    old["metadata"]["creationTimestamp"] = new["metadata"]["creationTimestamp"] = "c"
    new["metadata"][field] = "other"

    found = [str(error) for error in kinds.on_update("pods", new, old)]

    assert found == [f'metadata.{field}: Invalid value: "other": field is immutable']


def test_a_finalizer_is_standard_or_qualified() -> None:
    """To avoid name conflicts."""
    old, new = pod(), pod()
    new["metadata"]["finalizers"] = ["orphan", "a.b/c", "mine"]

    assert [str(e) for e in kinds.on_update("pods", new, old)] == [
        'metadata.finalizers[2]: Invalid value: "mine": name is neither a standard '
        "finalizer name nor is it fully qualified"
    ]


def test_object_being_deleted_gets_no_new_finalizers() -> None:
    """They could block the deletion."""
    old, new = pod(), pod()
    for obj in (old, new):
        obj["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    new["metadata"]["finalizers"] = ["a.b/c"]

    [found] = kinds.on_update("pods", new, old)

    assert str(found) == (
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object "
        'is being deleted, found new finalizers []string{"a.b/c"}'
    )


def reported(policy: str, old_state: Object, new_state: Object) -> list[str]:
    old, new = pod(restartPolicy=policy), pod(restartPolicy=policy)
    old["status"]["containerStatuses"] = [{"name": "app", "state": old_state}]
    new["status"]["containerStatuses"] = [{"name": "app", "state": new_state}]
    return [str(e) for e in kinds.on_status_update("pods", new, old)]


@pytest.mark.parametrize(
    ("policy", "code", "allowed"),
    [
        ("Always", 0, True),
        ("OnFailure", 1, True),
        ("OnFailure", 0, False),
        ("Never", 1, False),
    ],
)
def test_terminated_container_stays_terminated_unless_restarted(
    policy: str, code: int, allowed: bool
) -> None:
    """According to the restart policy."""
    found = reported(policy, {"terminated": {"exitCode": code}}, {"running": {}})

    refused = (
        "status.containerStatuses[0].state: Forbidden: "
        "may not be transitioned to non-terminated state"
    )
    assert found == ([] if allowed else [refused])


def test_quality_of_service_never_changes() -> None:
    """It is determined at creation."""
    old, new = pod(), pod()
    new["status"]["qosClass"] = "Guaranteed"

    [found] = kinds.on_status_update("pods", new, old)

    assert str(found) == (
        'status.qosClass: Invalid value: "Guaranteed": field is immutable'
    )


def test_validation_changes_nothing() -> None:
    """Validation does not modify objects."""
    new, old = pod(activeDeadlineSeconds=None), pod()
    before = deepcopy((new, old))

    kinds.on_create("pods", new)
    kinds.on_update("pods", new, old)

    assert (new, old) == before

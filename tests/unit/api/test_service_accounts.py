"""ServiceAccounts at the creation of pods."""

from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import DeleteOptions, WriteOptions
from supervisor.kinds.identity import SERVICE_ACCOUNT
from supervisor.model.errors import ApiError, is_namespace_terminating
from supervisor.model.meta import Object

ACCOUNTS = SERVICE_ACCOUNT.resource


def pod(**spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "c", "image": "kubia"}]} | spec,
    }


def account(name: str, **fields: Any) -> Object:
    return {**SERVICE_ACCOUNT.head, "metadata": {"name": name}} | fields


def created(registry: Registry, *warnings: str, **spec: Any) -> Object:
    """The spec of a new pod, whose creation causes these warnings."""
    options = WriteOptions()
    found: Object = registry.create("pods", pod(**spec), "default", options)["spec"]
    assert options.warnings == list(warnings)
    return found


def refused(registry: Registry, namespace: str, **spec: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        registry.create("pods", pod(**spec), namespace)
    return caught.value


def test_pods_run_under_the_default_account(registry: Registry) -> None:
    """Even if the controller has not created it yet."""
    spec = created(registry)

    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"


@pytest.mark.parametrize("field", ["serviceAccountName", "serviceAccount"])
def test_pods_may_name_another_account(registry: Registry, field: str) -> None:
    """By either name of the field; both are kept."""
    registry.create(ACCOUNTS, account("robot"), "default")
    spec = created(registry, **{field: "robot"})

    assert spec["serviceAccountName"] == spec["serviceAccount"] == "robot"


def test_an_unknown_account_is_refused(registry: Registry) -> None:
    """In upstream's words; accounts of other namespaces do not count."""
    registry.create(ACCOUNTS, account("robot"), "kube-public")
    error = refused(registry, "default", serviceAccountName="robot")

    assert (error.code, error.message) == (
        403,
        'pods "web" is forbidden: error looking up service account default/robot: '
        'serviceaccount "robot" not found',
    )


def test_pods_get_the_pull_secrets_of_their_account(registry: Registry) -> None:
    """Unless they have their own."""
    secrets = [{"name": "registry"}]
    registry.create(ACCOUNTS, account("default", imagePullSecrets=secrets), "default")

    assert created(registry)["imagePullSecrets"] == secrets
    registry.delete("pods", "web", "default")
    own = [{"name": "own"}]
    warning = "spec.imagePullSecrets: not supported, ignored"
    assert created(registry, warning, imagePullSecrets=own)["imagePullSecrets"] == own


def test_a_missing_namespace_is_reported_first(registry: Registry) -> None:
    """Not that it has no accounts."""
    error = refused(registry, "none", serviceAccountName="robot")

    assert (error.code, error.message) == (404, 'namespaces "none" not found')


def test_a_terminating_namespace_is_reported_first(registry: Registry) -> None:
    """Controllers must recognize this, since its accounts may be gone already."""
    space: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}
    registry.create("namespaces", space)
    registry.delete("namespaces", "x", "", DeleteOptions())

    error = refused(registry, "x", serviceAccountName="robot")

    assert is_namespace_terminating(error)


def test_a_requested_token_causes_a_warning(registry: Registry) -> None:
    """On pods, in templates and on accounts; refusing a token is honoured."""
    warning = "automountServiceAccountToken: no token is mounted yet"
    created(registry, f"spec.{warning}", automountServiceAccountToken=True)
    registry.delete("pods", "web", "default")
    created(registry, automountServiceAccountToken=False)
    options = WriteOptions()
    automounting = account("robot", automountServiceAccountToken=True)
    registry.create(ACCOUNTS, automounting, "default", options)

    assert options.warnings == [warning]

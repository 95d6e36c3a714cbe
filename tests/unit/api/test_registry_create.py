"""Creating objects."""

import re

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.base import Store
from tests.fakes.manifests import config_map, namespace, pod, replication_controller


def refused(registry: Registry, resource: str, body: Object, **more: str) -> ApiError:
    """The error of creating `body`."""
    with pytest.raises(ApiError) as caught:
        registry.create(resource, body, more.get("namespace", "default"))
    return caught.value


def test_system_fields_are_set(registry: Registry) -> None:
    """uid, creationTimestamp, resourceVersion, namespace, and defaults."""
    made = registry.create("pods", pod(), "default")

    meta = made["metadata"]
    assert meta["namespace"] == "default"
    assert meta["creationTimestamp"] == "2026-01-02T03:04:05Z"
    assert re.fullmatch(r"[0-9a-f-]{36}", meta["uid"])
    assert meta["resourceVersion"] == "5"
    assert made["spec"]["restartPolicy"] == "Always"
    assert made["status"]["phase"] == "Pending"


def test_returned_objects_are_copies(registry: Registry) -> None:
    """Modifying the passed or the returned object does not affect the store."""
    body = config_map(a="1")
    made = registry.create("configmaps", body, "default")
    body["data"]["a"] = made["data"]["a"] = "changed"

    again = registry.get("configmaps", "settings", "default")

    assert again["data"] == {"a": "1"}


def test_clients_cannot_set_system_fields(registry: Registry) -> None:
    """uid, times and status of a new pod are replaced."""
    body = pod()
    body["metadata"] |= {
        "uid": "mine",
        "creationTimestamp": "1999-01-01T00:00:00Z",
        "deletionTimestamp": "1999-01-01T00:00:00Z",
        "managedFields": [],
        "selfLink": "/x",
    }
    body["status"] = {"phase": "Running"}

    made = registry.create("pods", body, "default")

    assert made["metadata"]["uid"] != "mine"
    assert made["metadata"]["creationTimestamp"] == "2026-01-02T03:04:05Z"
    assert {"deletionTimestamp", "managedFields", "selfLink"}.isdisjoint(
        made["metadata"]
    )
    assert made["status"]["phase"] == "Pending"


def test_a_name_in_use_is_refused(registry: Registry) -> None:
    """409 AlreadyExists, with upstream's message."""
    registry.create("pods", pod(), "default")

    error = refused(registry, "pods", pod())

    assert (error.code, error.reason) == (409, "AlreadyExists")
    assert str(error) == 'pods "web" already exists'


def test_names_are_generated_without_vowels(registry: Registry) -> None:
    """generateName is followed by five safe letters."""
    body = pod()
    body["metadata"] = {"generateName": "kubia-"}

    name = registry.create("pods", body, "default")["metadata"]["name"]

    assert re.fullmatch(r"kubia-[bcdfghjklmnpqrstvwxz2456789]{5}", name)


def test_a_long_prefix_is_truncated(registry: Registry) -> None:
    """Generated names have at most 63 letters."""
    body = pod()
    body["metadata"] = {"generateName": "a" * 80}

    name = registry.create("pods", body, "default")["metadata"]["name"]

    assert len(name) == 63


def test_a_generated_name_in_use_is_replaced(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight names are tried; then the client is told to retry."""
    letters = iter("bbbbbbbbbbccccc" + "b" * 40)
    monkeypatch.setattr(
        "supervisor.api.registry.naming.secrets.choice", lambda _: next(letters)
    )
    body = pod()
    body["metadata"] = {"generateName": "x-"}
    created = [registry.create("pods", body, "default") for _ in range(2)]
    assert [c["metadata"]["name"] for c in created] == ["x-bbbbb", "x-ccccc"]

    error = refused(registry, "pods", body)

    assert error.code == 409
    assert "not able to generate a unique name" in str(error)


def test_a_resource_version_on_a_new_object_is_refused(registry: Registry) -> None:
    """It can only be a mistake."""
    body = config_map()
    body["metadata"]["resourceVersion"] = "7"

    error = refused(registry, "configmaps", body)

    assert error.code == 400
    assert "resourceVersion should not be set" in str(error)


def test_a_namespace_must_exist(registry: Registry) -> None:
    """Nothing is created in a missing namespace."""
    error = refused(registry, "configmaps", config_map(), namespace="nowhere")

    assert (error.code, str(error)) == (404, 'namespaces "nowhere" not found')


def test_nothing_is_created_in_a_terminating_namespace(registry: Registry) -> None:
    """403 with upstream's cause, which controllers check."""
    registry.create("namespaces", namespace("dev"))
    registry.delete("namespaces", "dev")

    error = refused(registry, "configmaps", config_map(), namespace="dev")

    assert (error.code, error.reason) == (403, "Forbidden")
    assert "because it is being terminated" in str(error)
    assert error.details["causes"][0]["reason"] == "NamespaceTerminating"


def test_the_namespaces_of_body_and_path_must_agree(registry: Registry) -> None:
    """Otherwise the request is refused."""
    body = config_map()
    body["metadata"]["namespace"] = "kube-system"

    error = refused(registry, "configmaps", body)

    assert error.code == 400
    assert "does not match the namespace sent on the request" in str(error)


@pytest.mark.parametrize(
    "wrong", [{"kind": "Pod"}, {"apiVersion": "v2"}, {"apiVersion": 7}]
)
def test_a_wrong_kind_is_refused(registry: Registry, wrong: Object) -> None:
    """Only a ConfigMap of v1 is accepted."""
    assert refused(registry, "configmaps", config_map() | wrong).code == 400


def test_kind_and_version_may_be_omitted(registry: Registry) -> None:
    """They are known from the path."""
    made = registry.create("configmaps", {"metadata": {"name": "a"}}, "default")

    assert list(made)[:2] == ["apiVersion", "kind"]
    assert (made["apiVersion"], made["kind"]) == ("v1", "ConfigMap")


def test_all_errors_are_reported(registry: Registry) -> None:
    """422 with a cause for each field."""
    body = pod("Bad_Name")
    body["spec"]["restartPolicy"] = "Sometimes"

    error = refused(registry, "pods", body)

    fields = {cause["field"] for cause in error.details["causes"]}
    assert (error.code, error.details["kind"]) == (422, "Pod")
    assert fields == {"metadata.name", "spec.restartPolicy"}


def test_strict_refuses_unknown_fields(registry: Registry) -> None:
    """With upstream's message, which kubectl prints."""
    body = replication_controller()
    body["spec"]["replica"] = 3
    strict = WriteOptions(field_validation="Strict")

    with pytest.raises(ApiError) as caught:
        registry.create(
            "replicationcontrollers", body, "default", strict, duplicates=["spec.x"]
        )

    assert caught.value.code == 400
    assert str(caught.value) == (
        'ReplicationController in version "v1" cannot be handled as a '
        'ReplicationController: strict decoding error: unknown field "spec.replica", '
        'duplicate field "spec.x"'
    )


@pytest.mark.parametrize(
    ("validation", "warnings"),
    [("Warn", ['unknown field "spec.replica"']), ("Ignore", [])],
)
def test_warn_and_ignore_drop_unknown_fields(
    registry: Registry, validation: str, warnings: list[str]
) -> None:
    """Only Warn adds a warning."""
    body = replication_controller()
    body["spec"]["replica"] = 3
    options = WriteOptions(field_validation=validation)

    made = registry.create("replicationcontrollers", body, "default", options)

    assert "replica" not in made["spec"]
    assert options.warnings == warnings


def test_wrong_types_are_always_refused(registry: Registry) -> None:
    """Independently of fieldValidation."""
    body = replication_controller()
    body["spec"]["replicas"] = "three"
    ignore = WriteOptions(field_validation="Ignore")

    with pytest.raises(ApiError, match="cannot unmarshal string") as caught:
        registry.create("replicationcontrollers", body, "default", ignore)

    assert caught.value.code == 400


def test_unsupported_fields_cause_warnings(registry: Registry) -> None:
    """They are kept."""
    body = pod(setHostnameAsFQDN=True)
    options = WriteOptions()

    made = registry.create("pods", body, "default", options)

    assert made["spec"]["setHostnameAsFQDN"] is True
    assert options.warnings == ["spec.setHostnameAsFQDN: not supported, ignored"]


def test_unsupported_volumes_have_their_own_warning(
    registry: Registry,
) -> None:
    """The pod will not start."""
    body = pod(volumes=[{"name": "v", "gitRepo": {"repository": "r"}}])
    options = WriteOptions()

    registry.create("pods", body, "default", options)

    assert options.warnings == [
        "spec.volumes[0].gitRepo: not supported, the pod will not start"
    ]


def test_a_dry_run_does_everything_but_write(registry: Registry, store: Store) -> None:
    """Defaulting, validation, and errors."""
    dry = WriteOptions(dry_run=True)
    before = store.revision()

    made = registry.create("pods", pod(), "default", dry)

    assert made["spec"]["restartPolicy"] == "Always"
    assert store.revision() == before
    registry.create("pods", pod(), "default")
    with pytest.raises(ApiError, match="already exists"):
        registry.create("pods", pod(), "default", dry)


def test_objects_are_limited(registry: Registry) -> None:
    """More than 1.5 MiB is a 413."""
    body = pod()
    body["spec"]["containers"][0]["args"] = ["x" * 1000] * 1600

    error = refused(registry, "pods", body)

    assert (error.code, error.reason) == (413, "RequestEntityTooLarge")


def test_read_only_kinds_cannot_be_created(registry: Registry) -> None:
    """Services can only be listed, for kubectl."""
    error = refused(registry, "services", {"metadata": {"name": "a"}})

    assert (error.code, error.reason) == (405, "MethodNotAllowed")


def test_an_unknown_resource_is_404(registry: Registry) -> None:
    """With the message for unknown paths."""
    assert refused(registry, "sausages", {}).code == 404


def test_reviews_are_answered_and_not_stored(registry: Registry, store: Store) -> None:
    """The only user may do everything."""
    before = store.revision()
    access = registry.create("selfsubjectaccessreviews.authorization.k8s.io", {})
    rules = registry.create("selfsubjectrulesreviews.authorization.k8s.io", {})
    me = registry.create("selfsubjectreviews.authentication.k8s.io", {})

    assert access["status"]["allowed"] is True
    assert rules["status"]["resourceRules"][0]["verbs"] == ["*"]
    assert "system:masters" in me["status"]["userInfo"]["groups"]
    assert store.revision() == before

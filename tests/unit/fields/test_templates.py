"""Every kind that makes pods is told of what its pods would be told of."""

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Kind
from supervisor.model import schema
from supervisor.model.meta import Object
from supervisor.model.schema import TypeSchema
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock
from tests.odd_objects import minimal


def template_path(type_: TypeSchema, at: str = "") -> str:
    """Where a type has a pod template; empty if it has none."""
    for name, field in type_.fields.items():
        target = field.shape.target
        if target is None or name in ("metadata", "status"):
            continue
        if target.name == "PodTemplateSpec":
            return f"{at}{name}"
        if found := template_path(target, f"{at}{name}."):
            return found
    return ""


def type_of(kind: Kind) -> TypeSchema:
    found = schema.lookup(kind.identity.api_version, kind.identity.kind)
    assert found is not None
    return found


OWNERS = [kind for kind in CATALOG.writable if template_path(type_of(kind))]


def test_the_kinds_that_make_pods_are_known() -> None:
    """Seven of them."""
    assert {kind.identity.kind for kind in OWNERS} == {
        "ReplicationController",
        "ReplicaSet",
        "Deployment",
        "DaemonSet",
        "StatefulSet",
        "Job",
        "CronJob",
    }


@pytest.mark.parametrize("kind", OWNERS, ids=lambda kind: kind.identity.kind)
def test_what_is_ignored_in_a_template_is_named(kind: Kind) -> None:
    """A field that is not honoured, and a value of one that is."""
    path = template_path(type_of(kind))
    obj: Object = minimal(kind)
    template = obj
    for part in path.split("."):
        template = template[part]
    pod = template["spec"]
    pod["overhead"] = {"cpu": "1"}
    amounts = {"ephemeral-storage": "1Gi"}
    pod["containers"][0]["resources"] = {"limits": amounts}
    options = WriteOptions(dry_run=True)

    api = Registry(SqliteStore(":memory:"), FakeClock())
    api.create(kind.identity.resource, obj, "default", options)

    assert f"{path}.spec.overhead: not supported, ignored" in options.warnings
    limits = f"{path}.spec.containers[0].resources.limits[ephemeral-storage]"
    assert f"{limits}: not supported, ignored" in options.warnings

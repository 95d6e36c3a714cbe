"""Zero values that are always or never served."""

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Resource, Review
from supervisor.model import schema
from supervisor.model.meta import Object
from supervisor.model.schema import TypeSchema
from tests.odd_objects import STORED, minimal, type_of

_BY_KIND = {resource.identity.kind: resource for resource in STORED}


def create(registry: Registry, kind: str) -> Object:
    resource = _BY_KIND[kind]
    namespace = "default" if resource.identity.namespaced else ""
    return registry.create(resource.identity.resource, minimal(resource), namespace)


def test_a_new_replication_controller_counts_no_pods(registry: Registry) -> None:
    """`replicas` is required in its status."""
    made = create(registry, "ReplicationController")

    assert made["status"] == {"replicas": 0}


def test_a_new_node_has_empty_structs(registry: Registry) -> None:
    """Structs are served even if empty."""
    made = create(registry, "Node")

    assert made["spec"] == {}
    assert made["status"]["nodeInfo"]["kubeletVersion"] == ""


def test_empty_lists_and_maps_are_omitted(registry: Registry) -> None:
    """Of taints, and of the data of a ConfigMap."""
    create(registry, "Node")
    create(registry, "ConfigMap")
    taint = {"key": "a", "effect": "NoSchedule"}
    registry.patch("nodes", "a", "", {"spec": {"taints": [taint]}})
    registry.patch("configmaps", "a", "default", {"data": {"key": "value"}})

    node = registry.patch("nodes", "a", "", {"spec": {"taints": []}})
    config = registry.patch("configmaps", "a", "default", {"data": {"key": None}})

    assert "taints" not in node["spec"]
    assert "data" not in config


def test_container_statuses_have_all_required_fields(registry: Registry) -> None:
    """Whatever an agent omits."""
    create(registry, "Pod")
    status = {"status": {"containerStatuses": [{"name": "main"}]}}

    made = registry.patch("pods", "a", "default", status, subresource="status")

    assert made["status"]["containerStatuses"] == [
        {
            "name": "main",
            "state": {},
            "lastState": {},
            "ready": False,
            "restartCount": 0,
            "image": "",
            "imageID": "",
        }
    ]


def missing(obj: Object, type_: TypeSchema, path: str = "") -> list[str]:
    """Required fields that an object lacks, including nested ones."""
    found = []
    for name, known in type_.fields.items():
        here = f"{path}.{name}"
        if known.required and obj.get(name) is None:
            found.append(here)
        nested = obj.get(name)
        if known.shape.target is not None and isinstance(nested, dict):
            found += missing(nested, known.shape.target, here)
    return found


@pytest.mark.parametrize("kind", sorted(_BY_KIND))
def test_a_new_object_has_every_required_field(registry: Registry, kind: str) -> None:
    """Clients that validate responses accept it."""
    assert missing(create(registry, kind), type_of(_BY_KIND[kind])) == []


@pytest.mark.parametrize(
    "resource",
    [r for r in CATALOG.resources if isinstance(r, Review)],
    ids=lambda r: r.identity.kind,
)
def test_a_review_has_every_required_field(
    registry: Registry, resource: Resource
) -> None:
    """Reviews are not stored."""
    made = registry.create(
        resource.identity.resource, minimal(resource), "", WriteOptions()
    )

    assert missing(made, type_of(resource)) == []


def test_served_objects_can_be_sent_back(registry: Registry) -> None:
    """They are stored unchanged."""
    for kind in _BY_KIND:
        made = create(registry, kind)
        type_ = type_of(_BY_KIND[kind])

        assert schema.as_written(schema.as_read(made, type_), type_) == made

"""The catalog of kinds is consistent, also with the schema."""

import pytest

from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Kind, Resource
from supervisor.model import schema
from supervisor.model.errors import ApiError

RESOURCES = pytest.mark.parametrize(
    "resource", CATALOG.resources, ids=lambda r: r.identity.resource
)


def test_names_are_unique() -> None:
    """Also short names."""
    names = [r.identity.resource for r in CATALOG.resources]
    short = [s for r in CATALOG.resources for s in r.short_names]

    assert len(names) == len(set(names))
    assert len(short) == len(set(short))


@RESOURCES
def test_writable_kinds_have_a_schema(resource: Resource) -> None:
    """In each version; otherwise requests could not be checked."""
    for served in CATALOG.served:
        if served.resource is resource and "create" in resource.verbs:
            kind = resource.identity.kind
            assert schema.lookup(served.api_version, kind) is not None


@RESOURCES
def test_a_resource_is_found_by_name_path_and_kind(resource: Resource) -> None:
    """All three return the same definition."""
    identity = resource.identity
    by_path = CATALOG.at(identity.group, identity.version, identity.plural)
    by_kind = CATALOG.by_kind(identity.api_version, identity.kind)

    assert CATALOG.lookup(identity.resource) is resource
    assert by_path is not None and by_path.resource is resource
    assert by_kind is not None and by_kind.resource is resource


def test_unknown_kinds_are_not_found() -> None:
    """By name it is an error, otherwise None."""
    with pytest.raises(ApiError) as caught:
        CATALOG.lookup("sausages")

    assert caught.value.code == 404
    assert CATALOG.at("", "v2", "pods") is None
    assert CATALOG.by_kind("apps/v1beta2", "Sausage") is None


def test_columns_have_a_name_column() -> None:
    """kubectl finds the name of a row by the column's format."""
    for kind in CATALOG.kinds:
        assert [c.format for c in kind.columns.columns].count("name") == 1, kind


def test_reviews_are_not_stored_kinds() -> None:
    """Looking up a stored kind never returns a review."""
    with pytest.raises(ApiError):
        CATALOG.kind("selfsubjectreviews.authentication.k8s.io")

    assert all(isinstance(kind, Kind) for kind in CATALOG.kinds)

"""The table of kinds agrees with itself and with the schema."""

import pytest

from supervisor.api import scheme
from supervisor.model import schema
from supervisor.model.errors import ApiError

RESOURCES = pytest.mark.parametrize("resource", scheme.RESOURCES, ids=lambda r: r.name)


def test_names_are_unique() -> None:
    """No two kinds share a name, and no two a short name."""
    names = [r.name for r in scheme.RESOURCES]
    short = [s for r in scheme.RESOURCES for s in r.short_names]

    assert len(names) == len(set(names))
    assert len(short) == len(set(short))


@RESOURCES
def test_what_can_be_written_has_a_schema(resource: scheme.Resource) -> None:
    """Else nothing that is sent could be checked."""
    if "create" in resource.verbs:
        assert schema.lookup(resource.api_version, resource.kind) is not None


@RESOURCES
def test_a_resource_is_found_by_name_path_and_kind(resource: scheme.Resource) -> None:
    """All three ways lead to the same row."""
    group, version = resource.group, resource.version

    assert scheme.lookup(resource.name) is resource
    assert scheme.at(group, version, resource.plural) is resource
    assert scheme.by_kind(resource.api_version, resource.kind) is resource


def test_the_unknown_is_not_found() -> None:
    """By name it is an error, in the other ways nothing."""
    with pytest.raises(ApiError) as caught:
        scheme.lookup("sausages")

    assert caught.value.code == 404
    assert scheme.at("", "v2", "pods") is None
    assert scheme.by_kind("apps/v1beta2", "ReplicaSet") is None

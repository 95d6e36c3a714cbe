"""Tables for `kubectl get`."""

import pytest

from supervisor.api import table
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.kinds import columns

NOW = 1_767_225_600.0
"""2026-01-01T00:00:00Z"""

CONFIG_MAP: Object = {
    "kind": "ConfigMap",
    "apiVersion": "v1",
    "metadata": {"name": "c", "creationTimestamp": "2025-12-31T23:59:48Z"},
    "data": {"a": "b"},
}


def render(resource: str, *items: Object, include_object: str = "Metadata") -> Object:
    return table.render(
        columns(resource),
        list(items),
        now=NOW,
        include_object=include_object,
        resource_version="42",
    )


def test_table_has_columns_and_rows() -> None:
    """And kind and version."""
    found = render("configmaps", CONFIG_MAP)

    assert (found["kind"], found["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert found["metadata"] == {"resourceVersion": "42"}
    assert [c["name"] for c in found["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert found["columnDefinitions"][0]["format"] == "name"
    assert found["rows"][0]["cells"] == ["c", 1, "12s"]


def test_table_of_a_page_has_a_continue_token() -> None:
    """In its metadata."""
    found = table.render(
        columns("pods"), [], now=NOW, resource_version="42", continue_token="next"
    )

    assert found["metadata"] == {"resourceVersion": "42", "continue": "next"}


@pytest.mark.parametrize("include_object", ["Metadata", ""])
def test_row_contains_the_metadata_of_its_object(include_object: str) -> None:
    """With a kind, which kubectl requires."""
    found = render("configmaps", CONFIG_MAP, include_object=include_object)

    assert found["rows"][0]["object"] == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": CONFIG_MAP["metadata"],
    }


def test_row_contains_the_object_or_nothing_on_request() -> None:
    """The object is needed for sorting."""
    whole = render("configmaps", CONFIG_MAP, include_object="Object")
    none = render("configmaps", CONFIG_MAP, include_object="None")

    assert whole["rows"][0]["object"] == CONFIG_MAP
    assert none["rows"][0]["object"] is None


def test_invalid_include_object_is_refused() -> None:
    """A misspelt includeObject is an error of the client."""
    with pytest.raises(ApiError) as refused:
        render("pods", include_object="All")

    assert refused.value.code == 400
    assert refused.value.message == 'unrecognized includeObject value: "All"'


def test_kinds_without_columns_have_name_and_age() -> None:
    """All kinds can be listed."""
    found = render(
        "customresourcedefinitions.apiextensions.k8s.io", {"metadata": {"name": "w"}}
    )

    assert [c["name"] for c in found["columnDefinitions"]] == ["Name", "Age"]
    assert found["rows"][0]["cells"] == ["w", "<unknown>"]


@pytest.mark.parametrize(
    ("resource", "obj", "cells"),
    [
        ("namespaces", {"status": {"phase": "Active"}}, ["x", "Active", "12s"]),
        ("configmaps", {"data": {"a": ""}, "binaryData": {"b": ""}}, ["x", 2, "12s"]),
        ("secrets", {"type": "Opaque", "data": {"a": ""}}, ["x", "Opaque", 1, "12s"]),
        (
            "leases.coordination.k8s.io",
            {"spec": {"holderIdentity": "me"}},
            ["x", "me", "12s"],
        ),
    ],
)
def test_small_kinds_match_upstream(
    resource: str, obj: Object, cells: list[object]
) -> None:
    """The cells of kinds with few columns."""
    created = {"name": "x", "creationTimestamp": "2025-12-31T23:59:48Z"}

    found = render(resource, {"metadata": created} | obj)

    assert found["rows"][0]["cells"] == cells
    assert len(found["columnDefinitions"]) == len(cells)

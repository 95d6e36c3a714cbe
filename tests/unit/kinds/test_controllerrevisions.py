"""ControllerRevisions as objects: rules, older versions, columns."""

from copy import deepcopy

import pytest

from supervisor.model.meta import Object
from tests import kinds

REVISION = "controllerrevisions.apps"


def revision(**fields: object) -> Object:
    meta = {"name": "x", "namespace": "default"}
    return {"metadata": meta, "data": {"spec": {}}, "revision": 3} | fields


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"data": None}, ["data: Required value: data is mandatory"]),
        ({"data": "x"}, ["data: Required value: data must be a valid JSON object"]),
        (
            {"revision": -1},
            ["revision: Invalid value: -1: must be greater than or equal to 0"],
        ),
    ],
)
def test_what_is_wrong_is_named(fields: Object, expected: list[str]) -> None:
    """In upstream's words."""
    obj = kinds.read(REVISION, revision(**fields))

    found = {str(error) for error in kinds.on_create(REVISION, obj)}

    assert found == set(expected)


def test_its_data_never_change() -> None:
    """Its number may."""
    old = revision()
    renumbered, changed = revision(revision=4), revision(data={"spec": {"a": 1}})

    assert kinds.on_update(REVISION, renumbered, old) == []
    assert [str(e) for e in kinds.on_update(REVISION, changed, old)] == [
        'data: Invalid value: {"spec":{"a":1}}: field is immutable'
    ]


@pytest.mark.parametrize("version", ["apps/v1beta1", "apps/v1beta2"])
def test_older_versions_are_the_same(version: str) -> None:
    """In all but their name."""
    stored = kinds.read(REVISION, revision(), version)

    assert kinds.shown(REVISION, stored, version) == revision() | {
        "apiVersion": version
    }


def test_columns_are_upstreams() -> None:
    """What it belongs to, and its number."""
    owned = deepcopy(revision())
    owned["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "controller": True}
    ]

    assert kinds.column_names(REVISION) == "Name Controller Revision Age"
    assert kinds.cells(REVISION, owned, 0.0)["Controller"] == "daemonset.apps/d"
    assert kinds.cells(REVISION, revision(), 0.0)["Controller"] == "<none>"

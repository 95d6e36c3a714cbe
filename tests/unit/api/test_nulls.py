"""Nulls in all lists and maps of all kinds are read as in Go.

The fields are taken from the schema, so new fields are tested, too."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import PatchType, WriteOptions
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Resource, Review
from supervisor.model.errors import ApiError
from supervisor.model.schema import Form, Shape, TypeSchema
from tests.odd_objects import Path, minimal, put, type_of

_STORED = [r for r in CATALOG.resources if "create" in r.verbs]


def collections(type_: TypeSchema, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The path of each list and map below a type, and a value with a null."""
    for name, known in type_.fields.items():
        yield from _below(known.shape, (*at, name))


def _below(shape: Shape, at: Path) -> Iterator[tuple[Path, Any]]:
    if shape.target is not None:
        yield from collections(shape.target, at)
    elif shape.form is Form.LIST and shape.item is not None:
        yield at, [None]
        yield from _below(shape.item, (*at, 0))
    elif shape.form is Form.MAP and shape.item is not None:
        yield at, {"key": None}
        yield from _below(shape.item, (*at, "key"))


def refused_or_done(work: Any) -> str:
    """Empty, or an error other than a refusal."""
    try:
        work()
    except ApiError as error:
        return str(error) if error.code >= 500 else ""
    except Exception as error:  # noqa: BLE001  an answer of 500, over HTTP
        return f"{type(error).__name__}: {error}"
    return ""


def _parts(resource: Resource) -> list[str]:
    """The endpoints through which an existing object can be written."""
    if isinstance(resource, Review):
        return []
    return ["", "status"] if resource.subresource("status") else [""]


@pytest.mark.parametrize("resource", _STORED, ids=lambda r: r.identity.kind)
def test_null_in_any_list_or_map_causes_no_internal_error(
    resource: Resource, registry: Registry
) -> None:
    """On create, replace and patch, of object and status."""
    name, base = resource.identity.resource, minimal(resource)
    namespace = "default" if resource.identity.namespaced else ""
    dry = WriteOptions(dry_run=True)
    if not isinstance(resource, Review):
        registry.create(name, deepcopy(base), namespace)
    wrong, tried = [], 0
    for path, value in collections(type_of(resource)):
        body, change = put(base, path, value), put({}, path, value)
        calls = [("create", partial(registry.create, name, body, namespace, dry))]
        for part in _parts(resource):
            where: dict[str, Any] = {"subresource": part, "options": dry}
            replacement = deepcopy(body)
            update = partial(registry.update, name, replacement, **where)
            calls.append((f"update {part}", update))
            for kind in (PatchType.MERGE, PatchType.STRATEGIC):
                patch = partial(registry.patch, name, "a", namespace, change, kind)
                calls.append((f"{kind.name} {part}", partial(patch, **where)))
        for verb, call in calls:
            tried += 1
            if told := refused_or_done(call):
                wrong.append(f"{verb} {'.'.join(map(str, path))}: {told}")
    assert not wrong, f"{len(wrong)} of {tried}:\n" + "\n".join(wrong)
    assert tried > 5


def test_null_in_a_list_is_the_zero_value(registry: Registry) -> None:
    """As in Go's decoder; it is then validated."""
    pod = minimal(next(r for r in CATALOG.resources if r.identity.resource == "pods"))
    pod["spec"]["containers"][0] |= {"args": ["a", None], "env": None}

    stored = registry.create("pods", pod, "default")["spec"]["containers"][0]

    assert stored["args"] == ["a", ""]
    assert "env" not in stored


def test_null_in_a_list_of_objects_is_validated_as_an_empty_one(
    registry: Registry,
) -> None:
    """Errors have the path of the missing field."""
    pod = minimal(next(r for r in CATALOG.resources if r.identity.resource == "pods"))
    pod["spec"]["containers"].append(None)

    with pytest.raises(ApiError, match=r"spec\.containers\[1\]\.name: Required"):
        registry.create("pods", pod, "default")


def test_null_in_a_map_is_the_zero_value(registry: Registry) -> None:
    """The key is kept."""
    body = {"metadata": {"name": "a"}, "data": {"key": None}}

    stored = registry.create("configmaps", body, "default")

    assert stored["data"] == {"key": ""}


def test_numbers_are_quantities_too(registry: Registry) -> None:
    """They are stored as strings, which all readers expect."""
    node = minimal(next(r for r in CATALOG.resources if r.identity.resource == "nodes"))
    node["status"] = {"capacity": {"cpu": 4, "memory": 1.5e9}}

    stored = registry.create("nodes", node)

    assert json.dumps(stored["status"]["capacity"]).count('"') == 8

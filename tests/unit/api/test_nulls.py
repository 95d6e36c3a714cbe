"""Null in every list and map of every kind that is served: read as Go reads it.

The places are taken from the schema, so a field that is added is tried too.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.api.scheme import RESOURCES, Resource
from supervisor.client.base import PatchType, WriteOptions
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.schema import Form, Shape, TypeSchema
from tests.unit.api.objects import minimal

Path = tuple[str | int, ...]
_STORED = [r for r in RESOURCES if "create" in r.verbs]


def type_of(resource: Resource) -> TypeSchema:
    found = schema.lookup(resource.api_version, resource.kind)
    assert found is not None
    return found


def collections(type_: TypeSchema, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The path of each list and map below a type, and one with null in it."""
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


def put(obj: Object, path: Path, value: Any) -> Object:
    """`obj` with `value` at `path`; what is missing on the way is made."""
    made = deepcopy(obj)
    here: Any = made
    for step, after in zip(path, (*path[1:], None), strict=True):
        empty: Any = value if after is None else [] if isinstance(after, int) else {}
        if isinstance(step, int):
            if after is None or not here:
                here[:] = [empty]
            here = here[0]
        elif after is None or not isinstance(here.get(step), type(empty)):
            here[step] = empty
            here = empty
        else:
            here = here[step]
    return made


def refused_or_done(work: Any) -> str:
    """Empty, or what went wrong apart from a refusal."""
    try:
        work()
    except ApiError as error:
        return str(error) if error.code >= 500 else ""
    except Exception as error:  # noqa: BLE001  an answer of 500, over HTTP
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("resource", _STORED, ids=lambda r: r.kind)
def test_null_in_any_list_or_map_is_no_failure_of_ours(
    resource: Resource, registry: Registry
) -> None:
    """Creating, replacing and patching, of the object and of its status."""
    name, base = resource.name, minimal(resource)
    namespace = "default" if resource.namespaced else ""
    dry = WriteOptions(dry_run=True)
    if not resource.virtual:
        registry.create(name, deepcopy(base), namespace)
    parts = ["", "status"] if resource.subresource("status") else [""]
    wrong, tried = [], 0
    for path, value in collections(type_of(resource)):
        body = put(base, path, value)
        calls = {"create": lambda b=body: registry.create(name, b, namespace, dry)}
        for part in [] if resource.virtual else parts:
            calls[f"update {part}"] = lambda b=body, p=part: registry.update(
                name, deepcopy(b), subresource=p, options=dry
            )
            for kind in (PatchType.MERGE, PatchType.STRATEGIC):
                change = put({}, path, value)
                calls[f"{kind.name} {part}"] = (
                    lambda c=change, k=kind, p=part: registry.patch(
                        name,
                        base["metadata"]["name"],
                        namespace,
                        c,
                        k,
                        subresource=p,
                        options=dry,
                    )
                )
        for verb, call in calls.items():
            tried += 1
            if told := refused_or_done(call):
                wrong.append(f"{verb} {'.'.join(map(str, path))}: {told}")
    assert not wrong, f"{len(wrong)} of {tried}:\n" + "\n".join(wrong)
    assert tried > 5


def test_null_in_a_list_is_the_zero_value(registry: Registry) -> None:
    """As Go's decoder has it; validation then sees it."""
    pod = minimal(next(r for r in RESOURCES if r.name == "pods"))
    pod["spec"]["containers"][0] |= {"args": ["a", None], "env": None}

    stored = registry.create("pods", pod, "default")["spec"]["containers"][0]

    assert stored["args"] == ["a", ""]
    assert "env" not in stored


def test_null_in_a_list_of_objects_is_validated_as_an_empty_one(
    registry: Registry,
) -> None:
    pod = minimal(next(r for r in RESOURCES if r.name == "pods"))
    pod["spec"]["containers"].append(None)

    with pytest.raises(ApiError, match=r"spec\.containers\[1\]\.name: Required"):
        registry.create("pods", pod, "default")


def test_null_in_a_map_is_the_zero_value(registry: Registry) -> None:
    body = {"metadata": {"name": "a"}, "data": {"key": None}}

    stored = registry.create("configmaps", body, "default")

    assert stored["data"] == {"key": ""}


def test_numbers_are_quantities_too(registry: Registry) -> None:
    """They are kept as text, which is what everybody reads."""
    node = minimal(next(r for r in RESOURCES if r.name == "nodes"))
    node["status"] = {"capacity": {"cpu": 4, "memory": 1.5e9}}

    stored = registry.create("nodes", node)

    assert json.dumps(stored["status"]["capacity"]).count('"') == 8

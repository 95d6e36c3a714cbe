"""JSON patches and merge patches."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import patch
from supervisor.client.base import PatchType
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4)
    ),
    max_leaves=12,
)
#: A loaded machine is no reason to fail.
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4)


def apply(current: Object, change: Any, kind: PatchType = PatchType.JSON) -> Object:
    type_ = schema.lookup("v1", "ConfigMap")
    assert type_ is not None
    return patch.apply(current, change, kind, type_)


def refusal(current: Object, change: Any, kind: PatchType = PatchType.JSON) -> str:
    with pytest.raises(ApiError) as caught:
        apply(current, change, kind)
    return f"{caught.value.code} {caught.value.message}"


@pytest.mark.parametrize(
    ("current", "change", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        (
            {"a": {"b": "c"}},
            {"a": {"b": "d", "c": None}},
            {"a": {"b": "d"}},
        ),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_follow_the_rfc(
    current: Object, change: Object, expected: Object
) -> None:
    """The examples of RFC 7386 with objects."""
    assert apply(current, change, PatchType.MERGE) == expected


def test_a_merge_keeps_the_order_of_keys() -> None:
    """So that diffs show only the changes."""
    merged = apply(
        {"a": 1, "b": 2, "c": 3}, {"b": 5, "d": 4, "a": None}, PatchType.MERGE
    )

    assert list(merged) == ["b", "c", "d"]


@given(OBJECTS, OBJECTS)
def test_a_merge_patch_applied_twice_changes_nothing_more(a: Object, b: Object) -> None:
    """Merging is idempotent."""
    once = patch.merge(a, b)

    assert patch.merge(once, b) == once


@given(OBJECTS)
def test_the_empty_merge_patch_changes_nothing(a: Object) -> None:
    """`{}` is the identity."""
    assert patch.merge(a, {}) == a


@given(OBJECTS, OBJECTS)
def test_a_merge_shares_nothing_with_its_inputs(a: Object, b: Object) -> None:
    """Modifying the result does not modify object and patch."""
    before = repr((a, b))

    wreck(patch.merge(a, b))

    assert repr((a, b)) == before


def wreck(value: Any) -> None:
    if isinstance(value, dict):
        for child in value.values():
            wreck(child)
        value["wrecked"] = True
    elif isinstance(value, list):
        for child in value:
            wreck(child)
        value.append("wrecked")


def test_json_patches_support_all_operations() -> None:
    """add, remove, replace, move, copy and test, in order."""
    current = {"data": {"a": "1", "b": "2"}}

    patched = apply(
        current,
        [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "add", "path": "/data/c", "value": "3"},
            {"op": "replace", "path": "/data/a", "value": "4"},
            {"op": "remove", "path": "/data/b"},
            {"op": "move", "from": "/data/c", "path": "/data/d"},
            {"op": "copy", "from": "/data/a", "path": "/data/x~1y"},
        ],
    )

    assert patched == {"data": {"a": "4", "d": "3", "x/y": "4"}}
    assert current == {"data": {"a": "1", "b": "2"}}


def test_a_json_patch_does_not_share_its_values() -> None:
    """Later operations do not modify the patch."""
    value: Object = {}

    patched = apply(
        {},
        [
            {"op": "add", "path": "/a", "value": value},
            {"op": "add", "path": "/a/b", "value": 1},
        ],
    )

    assert (patched, value) == ({"a": {"b": 1}}, {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "400 error decoding patch: a JSON patch must be a list"),
        ([1], "400 error decoding patch: operation 0 must be an object"),
        ([{"op": "put", "path": "/a"}], "400 error decoding patch: operation 0: op is"),
        ([{"op": "remove"}], "400 error decoding patch: operation 0: path is None"),
        (
            [{"op": "remove", "path": "a"}],
            "400 error decoding patch: operation 0: path",
        ),
        ([{"op": "move", "path": "/a"}], "400 error decoding patch: operation 0: from"),
        ([{"op": "add", "path": "/a"}], "400 error decoding patch: operation 0: value"),
    ],
)
def test_a_malformed_json_patch_is_a_bad_request(change: Any, words: str) -> None:
    """The message contains the operation and the error."""
    assert refusal({}, change).startswith(words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"op": "test", "path": "/a", "value": 2}, "the value is different"),
        ({"op": "remove", "path": "/x"}, "can't remove a non-existent object 'x'"),
        ({"op": "replace", "path": "/x", "value": 1}, "can't replace"),
        ({"op": "add", "path": "/x/y", "value": 1}, "(add /x/y)"),
        ({"op": "add", "path": "/a/b/c", "value": 1}, "(add /a/b/c)"),
        ({"op": "remove", "path": "/s/0/0"}, "(remove /s/0/0)"),
        ({"op": "add", "path": "/~2", "value": 1}, "(add /~2)"),
        ({"op": "move", "from": "/s", "path": "/s/0"}, "(move /s/0)"),
        ({"op": "replace", "path": "", "value": 1}, "is not an object"),
    ],
)
def test_a_json_patch_that_cannot_be_applied_is_unprocessable(
    change: Object, words: str
) -> None:
    """422, with the failed operation."""
    message = refusal({"a": 1, "s": ["text"]}, [change])

    assert message.startswith("422 the server rejected our request")
    assert words in message


def test_json_patches_are_limited() -> None:
    """Size of copies, number of operations, and depth."""
    doubling = [{"op": "copy", "from": "/a", "path": f"/a/{n}"} for n in range(40)]
    many = [{"op": "test", "path": "", "value": 1}] * 10_001
    deep = [{"op": "add", "path": "/a" * n, "value": {}} for n in range(1, 300)]

    assert "copies too much" in refusal({"a": {"x": "x" * 1000}}, doubling)
    assert refusal({}, many).startswith("413 ")
    assert "exceeded max depth" in refusal({}, deep)


def test_server_side_apply_is_refused_with_a_hint() -> None:
    """415, and the alternative."""
    message = refusal({}, {}, PatchType.APPLY)

    assert message.startswith("415 server-side apply is not supported")
    assert "use `kubectl apply` without --server-side" in message


@pytest.mark.parametrize("kind", [PatchType.MERGE, PatchType.STRATEGIC])
def test_merge_patches_must_be_objects(kind: PatchType) -> None:
    """A list or scalar would replace the whole object."""
    assert refusal({}, [1], kind).startswith("400 error decoding patch")

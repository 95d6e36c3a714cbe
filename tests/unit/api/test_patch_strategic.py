"""Strategic merge patches, as kubectl sends them."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import strategic
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.schema import TypeSchema


def pod_type() -> TypeSchema:
    found = schema.lookup("v1", "Pod")
    assert found is not None
    return found


def merged_spec(current: Object, change: Object) -> Object:
    merged = strategic.merge({"spec": current}, {"spec": change}, pod_type())
    spec: Object = merged["spec"]
    return spec


def containers(*names: str) -> list[Object]:
    return [{"name": name, "image": f"{name}:1"} for name in names]


def names(spec: Object) -> list[str]:
    return [c["name"] for c in spec["containers"]]


def refusal(current: Object, change: Object) -> str:
    with pytest.raises(ApiError) as caught:
        strategic.merge({"spec": current}, {"spec": change}, pod_type())
    return f"{caught.value.code} {caught.value.message}"


def test_elements_merge_by_key() -> None:
    """Existing elements are merged, new ones appended."""
    change = [{"name": "b", "image": "b:2"}, {"name": "c"}]

    spec = merged_spec({"containers": containers("a", "b")}, {"containers": change})

    assert spec["containers"] == [
        {"name": "a", "image": "a:1"},
        {"name": "b", "image": "b:2"},
        {"name": "c"},
    ]


def test_an_element_can_be_deleted() -> None:
    """`$patch: delete` removes it by key; a missing key is ignored."""
    change = [{"name": n, "$patch": "delete"} for n in ("a", "zzz")]

    spec = merged_spec({"containers": containers("a", "b")}, {"containers": change})

    assert names(spec) == ["b"]


def test_a_list_can_be_replaced() -> None:
    """An element `$patch: replace` replaces the list by the other elements."""
    change = [{"$patch": "replace"}, {"name": "new"}]

    spec = merged_spec({"containers": containers("a", "b")}, {"containers": change})

    assert spec["containers"] == [{"name": "new"}]


def test_a_map_can_be_replaced_or_emptied() -> None:
    """`$patch: replace` keeps only the patch, `delete` nothing."""
    current = {"securityContext": {"runAsUser": 1, "fsGroup": 2}}
    replace = {"securityContext": {"$patch": "replace", "runAsUser": 3}}
    delete = {"securityContext": {"$patch": "delete"}}
    merge = {"securityContext": {"$patch": "merge", "runAsUser": 3}}

    assert merged_spec(current, replace) == {"securityContext": {"runAsUser": 3}}
    assert merged_spec(current, delete) == {"securityContext": {}}
    assert merged_spec(current, merge)["securityContext"]["fsGroup"] == 2


def test_atomic_lists_are_replaced() -> None:
    """Lists without a merge strategy."""
    current = {"tolerations": [{"key": "a"}, {"key": "b"}]}

    assert merged_spec(current, {"tolerations": [{"key": "c"}]}) == {
        "tolerations": [{"key": "c"}]
    }


def test_nulls_remove() -> None:
    """A field, a list, or a key of a map; missing ones are ignored."""
    current = {
        "nodeName": "n",
        "containers": containers("a"),
        "nodeSelector": {"a": "1"},
    }
    change = {
        "nodeName": None,
        "containers": None,
        "nodeSelector": {"a": None, "b": "2", "c": None},
        "affinity": {"nodeAffinity": None},
    }

    assert merged_spec(current, change) == {"nodeSelector": {"b": "2"}, "affinity": {}}


def test_element_order_is_set() -> None:
    """Elements of the patch are in its order."""
    change = {
        "$setElementOrder/containers": [{"name": "c"}, {"name": "n"}, {"name": "a"}],
        "containers": [{"name": "n"}, {"name": "b", "$patch": "delete"}],
    }

    spec = merged_spec({"containers": containers("a", "b", "c")}, change)

    assert names(spec) == ["c", "n", "a"]


def test_element_order_alone_reorders() -> None:
    """kubectl sends only the order if nothing else changed."""
    change = {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}

    spec = merged_spec({"containers": containers("a", "b")}, change)

    assert names(spec) == ["b", "a"]


def test_elements_not_in_the_order_keep_their_position() -> None:
    """For example injected sidecars."""
    change = {"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}]}

    for current, expected in (
        (("x", "a", "b"), ["x", "a", "b"]),
        (("a", "x", "b"), ["a", "x", "b"]),
        (("a", "b", "x"), ["a", "b", "x"]),
    ):
        spec = merged_spec({"containers": containers(*current)}, change)
        assert names(spec) == expected


def test_order_of_a_missing_list_is_ignored() -> None:
    """It does not create the list."""
    assert merged_spec({}, {"$setElementOrder/containers": [{"name": "a"}]}) == {}


def test_equal_merge_keys_do_not_lose_elements() -> None:
    """Two ports may have one number and different protocols."""
    ports = [
        {"containerPort": 53, "protocol": "UDP"},
        {"containerPort": 53, "protocol": "TCP"},
    ]
    change = {
        "name": "a",
        "$setElementOrder/ports": [{"containerPort": 80}, {"containerPort": 53}],
        "ports": [{"containerPort": 80}],
    }

    spec = merged_spec(
        {"containers": [{"name": "a", "ports": ports}]}, {"containers": [change]}
    )

    assert spec["containers"][0]["ports"] == [{"containerPort": 80}, *ports]


def test_only_retained_keys_are_kept() -> None:
    """When the source of a volume changes, the old one is not in $retainKeys."""
    current = {"volumes": [{"name": "v", "emptyDir": {}}]}
    volume = {
        "name": "v",
        "$retainKeys": ["name", "hostPath"],
        "hostPath": {"path": "/"},
        "emptyDir": None,
    }

    assert merged_spec(current, {"volumes": [volume]}) == {
        "volumes": [{"name": "v", "hostPath": {"path": "/"}}]
    }


def finalizers(current: list[str], change: Object) -> Any:
    obj = {"metadata": {"finalizers": current}}
    return strategic.merge(obj, {"metadata": change}, pod_type())["metadata"]


def test_lists_of_scalars_are_merged() -> None:
    """Finalizers are added, removed and ordered."""
    change = {
        "$deleteFromPrimitiveList/finalizers": ["x"],
        "$setElementOrder/finalizers": ["z", "y"],
        "finalizers": ["z"],
    }

    assert finalizers(["x", "y"], change) == {"finalizers": ["z", "y"]}
    assert finalizers(["x"], {"finalizers": ["x", "y"]}) == {"finalizers": ["x", "y"]}
    only_delete = {"$deleteFromPrimitiveList/finalizers": ["x"]}
    assert finalizers(["x", "y"], only_delete) == {"finalizers": ["y"]}


def test_no_directive_is_stored() -> None:
    """Directives in new values are executed, too."""
    new = {
        "name": "n",
        "$setElementOrder/env": [{"name": "A"}],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "$patch": "delete"}],
        "$retainKeys": ["name", "env"],
    }

    spec = merged_spec({}, {"containers": [new]})

    assert "$" not in repr(spec)
    assert spec["containers"][0]["env"][0] == {"name": "A", "value": "1"}


def test_unknown_fields_are_merged_as_json() -> None:
    """Maps are merged, lists replaced; `check` reports them later."""
    merged = strategic.merge(
        {"odd": {"a": 1, "l": [1]}}, {"odd": {"b": 2, "l": [2]}}, pod_type()
    )

    assert merged == {"odd": {"a": 1, "b": 2, "l": [2]}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"containers": [{"image": "x"}]}, "does not contain declared merge key: name"),
        ({"containers": ["x"]}, "does not contain declared merge key: name"),
        ({"containers": [{"name": []}]}, "merge key name is not a scalar"),
        (
            {"containers": [{"name": "a"}], "$setElementOrder/containers": []},
            "doesn't match $setElementOrder/containers list",
        ),
        ({"$setElementOrder/containers": {}}, "must be a list"),
        ({"volumes": [{"name": "v", "$retainKeys": "x"}]}, "must be a list of keys"),
        (
            {"volumes": [{"name": "v", "$retainKeys": ["name"], "nfs": {}}]},
            "nfs is in the patch but not in $retainKeys",
        ),
        (
            {"tolerations": [], "$setElementOrder/tolerations": 1},
            "must be a list",
        ),
    ],
)
def test_a_malformed_patch_is_a_bad_request(change: Object, words: str) -> None:
    """400, and the message names the list."""
    message = refusal({"containers": containers("a"), "volumes": []}, change)

    assert message.startswith("400 ") and words in message


def test_unknown_directives_are_unprocessable() -> None:
    """`$patch` has three values."""
    message = refusal({}, {"affinity": {"$patch": "add"}})

    assert message.startswith("422 invalid patch type")


SCALARS = st.none() | st.integers(0, 3) | st.sampled_from(["a", "b", "delete"])
ELEMENTS = st.dictionaries(st.sampled_from(["name", "image", "$patch"]), SCALARS)
CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abc"), "image": SCALARS}),
    max_size=4,
)
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "containers": st.lists(ELEMENTS, max_size=3) | SCALARS,
        "$setElementOrder/containers": st.lists(ELEMENTS, max_size=3) | SCALARS,
        "nodeSelector": st.dictionaries(st.sampled_from("ab"), SCALARS) | SCALARS,
        "$retainKeys": st.lists(st.sampled_from(["containers", "nodeName"])),
        "$patch": SCALARS,
    },
)


@given(CONTAINERS, PATCHES)
def test_a_merge_raises_only_api_errors(current: list[Object], change: Object) -> None:
    """And never modifies its inputs."""
    obj = {"spec": {"containers": current, "nodeSelector": {"a": "1"}}}
    patch = {"spec": change}
    before = repr((obj, patch))

    with contextlib.suppress(ApiError):
        merged = strategic.merge(obj, patch, pod_type())
        assert "$setElementOrder" not in repr(merged)
        merged["spec"].clear()

    assert repr((obj, patch)) == before

"""Strategic merge patches computed from two or three states."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import patch
from supervisor.client.base import PatchType
from supervisor.model import patches, schema
from supervisor.model.meta import Object

POD = schema.lookup("v1", "Pod")


def pod(*containers: Object, **metadata: Any) -> Object:
    meta = {"name": "a", **metadata}
    spec = {"containers": list(containers)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def container(name: str, **fields: Any) -> Object:
    return {"name": name, "image": "x", **fields}


def patched(current: Object, change: Object) -> Object:
    """What the server makes of the patch."""
    assert POD is not None
    return patch.apply(current, change, PatchType.STRATEGIC, POD)


def test_no_difference_is_an_empty_patch() -> None:
    """So that apply can say `unchanged`."""
    obj = pod(container("c"))

    assert patches.two_way(obj, copy.deepcopy(obj), POD) == {}
    assert (
        patches.three_way(obj, obj, obj | {"status": {"phase": "Running"}}, POD) == {}
    )


def test_what_the_server_added_stays() -> None:
    """Defaults are nobody's wish to remove them."""
    wanted = pod(container("c"))
    current = pod(container("c", imagePullPolicy="Always"))

    assert patches.three_way(wanted, wanted, current, POD) == {}


def test_what_is_left_out_now_is_removed() -> None:
    """Only what had been applied before is."""
    original = pod(container("c"), labels={"a": "1", "b": "2"})
    wanted = pod(container("c"), labels={"a": "1"})
    current = pod(container("c"), labels={"a": "1", "b": "2", "theirs": "3"})

    change = patches.three_way(original, wanted, current, POD)

    assert change == {"metadata": {"labels": {"b": None}}}


def test_elements_of_keyed_lists_are_changed_one_by_one() -> None:
    """The other containers are not in the patch."""
    before = pod(container("c"), container("d"))
    after = pod(container("c", image="new"), container("d"))
    after["spec"]["containers"][0]["image"] = "new"

    assert patches.two_way(before, after, POD) == {
        "spec": {
            "$setElementOrder/containers": [{"name": "c"}, {"name": "d"}],
            "containers": [{"name": "c", "image": "new"}],
        }
    }


def test_a_removed_element_is_deleted_by_its_key() -> None:
    """Ports are keyed by containerPort, variables by name."""
    old = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    before = pod(container("c", env=old, ports=[{"containerPort": 80}]))
    after = pod(container("c", env=old[:1], ports=[{"containerPort": 81}]))

    change = patches.two_way(before, after, POD)["spec"]["containers"][0]

    assert change["env"] == [{"$patch": "delete", "name": "B"}]
    assert change["ports"] == [
        {"containerPort": 81},
        {"$patch": "delete", "containerPort": 80},
    ]


def test_lists_without_keys_are_replaced() -> None:
    """A command is one thing."""
    before = pod(container("c", command=["a", "b"]))
    after = pod(container("c", command=["a"]))

    change = patches.two_way(before, after, POD)["spec"]["containers"][0]

    assert change == {"name": "c", "command": ["a"]}


def test_names_of_data_mean_nothing() -> None:
    """A label called `containers` is a label."""
    before = pod(labels={"containers": "a"})
    after = pod(labels={"containers": "b"})

    change = patches.two_way(before, after, POD)

    assert change == {"metadata": {"labels": {"containers": "b"}}}


@pytest.mark.parametrize(("before", "after"), [(1, True), (0, False), ("1", 1)])
def test_kinds_of_values_are_told_apart(before: Any, after: Any) -> None:
    """Python's True is 1, the API's is not."""
    assert patches.two_way({"x": before}, {"x": after}, POD) == {"x": after}


@pytest.mark.parametrize(
    ("field", "elements"),
    [
        ("schedulingGates", [{"name": "a"}, {"name": "b"}]),
        ("resourceClaims", [{"name": "a"}, {"name": "b"}]),
        ("hostAliases", [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]),
        ("topologySpreadConstraints", [{"topologyKey": "a"}, {"topologyKey": "b"}]),
    ],
)
def test_an_element_that_is_left_out_is_deleted(
    field: str, elements: list[Object]
) -> None:
    """In every list that the schema says is merged."""
    before, after = pod(), pod()
    before["spec"][field], after["spec"][field] = elements, elements[:1]

    arrived = patched(before, patches.three_way(before, after, before, POD))

    assert arrived["spec"][field] == elements[:1]


def test_ports_that_share_a_number_are_replaced() -> None:
    """One port for TCP and UDP cannot be told apart by the merge key."""
    ports = [{"containerPort": 53, "protocol": p} for p in ("TCP", "UDP")]
    before = pod(container("c", ports=ports))
    after = pod(container("c", ports=[*ports[:1], {"containerPort": 54}]))

    arrived = patched(before, patches.two_way(before, after, POD))

    assert arrived == after


def test_another_volume_source_takes_the_place_of_the_old_one() -> None:
    """Also of a source that only the server has set."""
    before, wanted = pod(), pod()
    before["spec"]["volumes"] = [{"name": "v", "emptyDir": {}}]
    wanted["spec"]["volumes"] = [{"name": "v", "hostPath": {"path": "/x"}}]
    applied = pod()
    applied["spec"]["volumes"] = [{"name": "v"}]

    arrived = patched(before, patches.three_way(applied, wanted, before, POD))

    assert arrived["spec"]["volumes"] == wanted["spec"]["volumes"]


def test_lists_of_unknown_types_are_replaced() -> None:
    """Nothing is known of how they merge."""
    before, after = {"x": [{"name": "a"}]}, {"x": [{"name": "b"}]}

    assert patches.two_way(before, after, None) == {"x": [{"name": "b"}]}


NAMES = st.sampled_from(["a", "b", "c"])
ENV = st.lists(
    st.fixed_dictionaries({"name": NAMES, "value": NAMES}),
    unique_by=lambda v: str(v["name"]),
    max_size=3,
)
CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "image": NAMES},
        optional={"env": ENV, "command": st.lists(NAMES, min_size=1, max_size=2)},
    ),
    unique_by=lambda c: str(c["name"]),
    min_size=1,
    max_size=3,
)


@given(CONTAINERS, CONTAINERS)
def test_the_server_arrives_where_the_user_wanted(
    before: list[Object], after: list[Object]
) -> None:
    """Applying the patch of two states to the first gives the second."""
    old, new = pod(*before), pod(*after)

    arrived = patched(old, patches.two_way(old, new, POD))

    assert _without_empty(arrived) == _without_empty(new)


def _without_empty(value: Any) -> Any:
    """An empty list is as good as none."""
    if isinstance(value, dict):
        return {k: _without_empty(v) for k, v in value.items() if v not in ([], {})}
    return [_without_empty(v) for v in value] if isinstance(value, list) else value

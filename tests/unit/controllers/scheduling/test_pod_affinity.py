"""Pods near to others, and far from them."""

from typing import Any

import msgspec
import pytest

from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from tests.unit.controllers.build import pod, waiting
from tests.unit.controllers.scheduling.judging import (
    PREFERRED,
    ZONE,
    far,
    fitting,
    judged,
    labels,
    near,
    node,
    placed,
)

NODES = [node("one", zone="a"), node("two", zone="a"), node("three", zone="b")]
BACKEND = {"labels": {"app": "backend"}, "owned_by": None}
FRONTEND = {"labels": {"app": "frontend"}, "owned_by": None}


def backend(name: str = "backend", on: str = "one", **what: Any) -> Pod:
    return pod(name, node=on, **(BACKEND | what))


def frontend(affinity: Object, name: str = "a", **what: Any) -> Pod:
    return waiting(name, affinity=affinity, **(FRONTEND | what))


@pytest.mark.parametrize(
    ("affinity", "fits"),
    [
        (near(labels(app="backend")), ["one"]),
        (near(labels(app="backend"), ZONE), ["one", "two"]),
        (far(labels(app="backend")), ["two", "three"]),
        (far(labels(app="backend"), ZONE), ["three"]),
        (near(labels(app="nobody")), []),
        (near({}), ["one"]),
        (near(None), []),
        (far(None), ["one", "two", "three"]),
    ],
)
def test_required_terms_hold_by_node_or_by_zone(
    affinity: Object, fits: list[str]
) -> None:
    """An empty selector means all pods, an absent one none."""
    assert fitting(frontend(affinity), NODES, [backend()]) == fits


def test_the_reasons_say_which_side_objects() -> None:
    """Affinity, anti-affinity, or that of the pods that are there."""
    jealous = backend(affinity=far(labels(app="frontend")))
    wanted = labels(app="backend")

    assert judged(frontend(near(wanted)), NODES[1:], [backend()]) == {
        "two": ("node(s) didn't match pod affinity rules",),
        "three": ("node(s) didn't match pod affinity rules",),
    }
    assert judged(frontend(far(wanted)), NODES[:1], [backend()]) == {
        "one": ("node(s) didn't match pod anti-affinity rules",)
    }
    assert judged(waiting("a", **FRONTEND), NODES, [jealous]) == {
        "one": ("node(s) didn't satisfy existing pods anti-affinity rules",)
    }


def test_a_pod_is_kept_from_the_whole_zone_of_one_that_wants_it_far() -> None:
    """Anti-affinity binds both sides; a jealous pod that has finished does not."""
    jealous: Any = {"affinity": far(labels(app="frontend"), ZONE)}
    newcomer = waiting("a", **FRONTEND)

    assert fitting(newcomer, NODES, [backend(**jealous)]) == ["three"]
    done = backend(phase="Succeeded", **jealous)
    assert fitting(newcomer, NODES, [done]) == ["one", "two", "three"]


def test_a_node_without_the_label_is_in_no_domain() -> None:
    """Nothing is near to anything there, and nothing is in the way."""
    bare = [node("bare")]
    here = [backend(on="bare")]

    assert fitting(frontend(near(labels(app="backend"), ZONE)), bare, here) == []
    assert fitting(frontend(far(labels(app="backend"), ZONE)), bare, here) == ["bare"]


def test_all_near_terms_must_be_met_by_the_same_pods() -> None:
    """A backend here and a cache there are not a backend that is a cache."""
    wanted = near(labels(app="backend"))["podAffinity"]
    (required,) = wanted.values()
    required.append(required[0] | {"labelSelector": labels(tier="cache")})
    both = {"app": "backend", "tier": "cache"}

    only = [backend(), backend("cache", "one", labels={"tier": "cache"})]
    assert fitting(frontend({"podAffinity": wanted}), NODES, only) == []
    whole = [*only, backend("whole", "two", labels=both)]
    assert fitting(frontend({"podAffinity": wanted}), NODES, whole) == ["two"]


def test_the_first_of_a_kind_is_let_in_and_the_others_follow() -> None:
    """Pods that want to be near to their own kind gather on one node."""
    together = near(labels(app="frontend"))
    pods = [frontend(together, name) for name in "abc"]

    found = placed(pods, NODES)

    assert len(set(found.values())) == 1


def test_pods_that_avoid_their_own_kind_take_one_node_each() -> None:
    """The fourth of three nodes' pods has to wait, and is told why."""
    apart = far(labels(app="frontend"))
    found = placed([frontend(apart, name) for name in "abcd"], NODES)

    assert sorted(found[name] for name in "abc") == ["one", "three", "two"]
    assert found["d"] == (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."
    )


def test_terms_mean_the_namespace_of_their_pod_unless_they_name_others() -> None:
    """Named namespaces, namespaces by label, or all of them."""
    known = {"default": {}, "other": {"team": "red"}}
    other = backend()
    there = decode_in(other, "other")

    def fits(**more: Any) -> bool:
        wanted = frontend(near(labels(app="backend"), **more))
        return "one" not in judged(wanted, NODES, [there], known)

    assert not fits()
    assert fits(namespaces=["other"])
    assert fits(namespaceSelector=labels(team="red"))
    assert fits(namespaceSelector={})
    assert not fits(namespaceSelector=labels(team="blue"))
    assert not fits(namespaces=["default"])


def decode_in(found: Pod, namespace: str) -> Pod:
    """The same pod in another namespace."""
    meta = msgspec.structs.replace(found.metadata, namespace=namespace)
    return msgspec.structs.replace(found, metadata=meta)


def wishing(kind: str, weight: int, app: str, key: str) -> Object:
    term = {"labelSelector": labels(app=app), "topologyKey": key}
    return {kind: {PREFERRED: [{"weight": weight, "podAffinityTerm": term}]}}


def test_wishes_draw_pods_near_and_push_them_away() -> None:
    """By zone or by node; nothing is refused for it."""
    drawn = wishing("podAffinity", 100, "backend", ZONE)
    pushed = wishing("podAntiAffinity", 100, "backend", ZONE)

    assert placed([frontend(drawn)], NODES[1:], [backend(on="two")]) == {"a": "two"}
    assert placed([frontend(pushed)], NODES, [backend()]) == {"a": "three"}
    assert placed([frontend(pushed)], NODES[:1], [backend()]) == {"a": "one"}


def test_wishes_of_the_pods_that_are_there_count_too() -> None:
    """A pod that would rather have company, or none, has a say."""
    lonely = backend(on="three", affinity=wishing("podAffinity", 1, "frontend", ZONE))
    shy = backend(on="one", affinity=wishing("podAntiAffinity", 1, "frontend", ZONE))
    newcomer = waiting("a", **FRONTEND)

    assert placed([newcomer], NODES, [lonely]) == {"a": "three"}
    assert placed([newcomer], NODES, [shy]) == {"a": "three"}

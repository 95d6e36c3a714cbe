"""What holds of every plan, whatever the nodes and pods."""

import re
from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.controllers.scheduling.placing import Bind, plan
from supervisor.model.kinds import Node
from tests.unit.controllers.build import requesting, waiting
from tests.unit.controllers.scheduling.judging import HOST, ZONE, node, placed
from tests.unit.controllers.scheduling.rules import Guest, Place, may_go

APPS = st.sampled_from(["red", "blue"])
KEYS = st.sampled_from([HOST, ZONE])
RULE = st.one_of(st.just(("", "")), st.tuples(APPS, KEYS))


@st.composite
def places(draw: st.DrawFn) -> list[Place]:
    """One to five nodes, most of them fit for use."""
    seldom = st.sampled_from([False, False, False, True])
    return [
        Place(
            f"n{number}",
            cpu=draw(st.integers(0, 1000)),
            pods=draw(st.sampled_from([1, 2, 110])),
            zone=draw(st.sampled_from(["a", "b", ""])),
            tainted=draw(seldom),
            cordoned=draw(seldom),
            ready=not draw(seldom),
        )
        for number in range(draw(st.integers(1, 5)))
    ]


@st.composite
def guests(draw: st.DrawFn) -> list[Guest]:
    """Up to eight pods with rules of all kinds."""
    return [
        Guest(
            f"p{number}",
            app=draw(APPS),
            cpu=draw(st.sampled_from([0, 0, 300, 700])),
            port=draw(st.sampled_from([0, 0, 80])),
            zone=draw(st.sampled_from(["", "", "a"])),
            bold=draw(st.booleans()),
            near=draw(RULE),
            far=draw(RULE),
            spread=draw(st.sampled_from([(), (HOST,), (ZONE,), (HOST, ZONE)])),
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@given(places(), guests())
@settings(max_examples=300)
def test_a_pod_goes_where_all_rules_allow_it_and_waits_only_if_none_does(
    there: list[Place], coming: list[Guest]
) -> None:
    """No required rule is ever broken, no node overcommitted, no room overlooked."""
    by_name = {place.name: place for place in there}
    guest_by_name = {guest.name: guest for guest in coming}
    settled: list[tuple[Guest, Place]] = []

    todo = plan([g.to_pod() for g in coming], [p.to_node() for p in there], [])

    assert sorted(action.name for action in todo) == sorted(guest_by_name)
    for action in todo:
        guest = guest_by_name[action.name]
        allowed = [p.name for p in there if may_go(guest, p, settled, there)]
        if isinstance(action, Bind):
            assert action.node in allowed
            settled.append((guest, by_name[action.node]))
        else:
            assert allowed == []


@given(places(), guests())
@settings(max_examples=100)
def test_a_refusal_explains_every_node(there: list[Place], coming: list[Guest]) -> None:
    """No node is left out, and none counted twice for one reason."""
    for action in plan([g.to_pod() for g in coming], [p.to_node() for p in there], []):
        if isinstance(action, Bind):
            continue
        whole = re.fullmatch(r"0/(\d+) nodes are available: (.*)\.", action.because)
        assert whole is not None and int(whole[1]) == len(there)
        rows = [part.split(" ", 1) for part in whole[2].split(", ")]
        counts = {text: int(count) for count, text in rows}
        assert max(counts.values()) <= len(there)
        # A node may lack room in two ways, and names both.
        room = counts.pop("Too many pods", 0), counts.pop("Insufficient cpu", 0)
        others = sum(counts.values())
        assert others + max(room) <= len(there) <= others + sum(room)


@given(places(), guests(), st.randoms())
@settings(max_examples=50)
def test_the_same_present_leads_to_the_same_choice(
    there: list[Place], coming: list[Guest], random: Random
) -> None:
    """In whichever order nodes and pods are read."""
    nodes, pods = [p.to_node() for p in there], [g.to_pod() for g in coming]
    first = plan(pods, nodes, [])
    random.shuffle(nodes)
    random.shuffle(pods)

    assert plan(pods, nodes, []) == first


SIZES = st.sampled_from(["1", "4", "64"])


@st.composite
def unequal_nodes(draw: st.DrawFn) -> list[Node]:
    return [
        node(
            f"n{number}",
            cpu=draw(SIZES),
            memory=f"{draw(SIZES)}Gi",
            zone=draw(st.sampled_from(["a", "b", ""])),
            images=draw(st.sampled_from([{}, {"kubia": 900 << 20}])),
        )
        for number in range(draw(st.integers(1, 5)))
    ]


@given(unequal_nodes(), st.integers(0, 40))
@settings(max_examples=100)
def test_pods_of_a_controller_differ_by_one_at_most(
    nodes: list[Node], replicas: int
) -> None:
    """However unequal the nodes are, as long as the pods fit."""
    pods = [
        waiting(f"p{n:02}", containers=[c | {"image": "kubia"} for c in requesting()])
        for n in range(replicas)
    ]

    counts = Counter(placed(pods, nodes).values())

    per_node = [counts[n.metadata.name] for n in nodes]
    assert sum(per_node) == replicas
    assert max(per_node) - min(per_node) <= 1

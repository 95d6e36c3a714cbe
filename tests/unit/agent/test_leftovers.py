"""What carries our labels on an engine and is of no use to anybody: found, removed."""

from dataclasses import replace

import pytest

from supervisor.agent.pods.plan.leftovers import YOUNG_SECONDS, leftovers
from supervisor.agent.pods.sweeping import SWEEP_SECONDS
from supervisor.runtime.base.inventory import Labelled, Sort, Whose
from tests.fakes.agent import Node

OLD = YOUNG_SECONDS
PART = Labelled(
    Sort.VOLUME,
    "v",
    "v",
    Whose.OURS,
    node="n1",
    pod_uid="u-web",
    pod="default/web",
    is_part=True,
)
HELPER = Labelled(Sort.CONTAINER, "h", "h", Whose.OURS, node="n1", pod_uid="u-web")
NETWORK = Labelled(Sort.NETWORK, "w", "w", Whose.OURS, node="n1", pod_uid="u-web")


def text(*found: Labelled, known: tuple[str, ...] = (), now: float = OLD) -> list[str]:
    judged = leftovers(found, "n1", lambda uid: uid in known, now)
    return [f"{one}{' -> remove' if one.removable else ''}" for one in judged]


def test_what_belongs_to_a_known_pod_is_in_use() -> None:
    """Its parts, and networks made for it."""
    assert text(PART, NETWORK, known=("u-web",)) == []


def test_parts_of_unknown_pods_are_told_of() -> None:
    """They are removed with the rest of their pod, by its own worker."""
    assert text(PART) == ["volume v (the API knows no such pod)"]


def test_helpers_are_short_lived_even_if_their_pod_lives() -> None:
    """After a minute nobody waits for them any more."""
    assert text(HELPER, known=("u-web",)) == [
        "container h (a helper that has not been removed) -> remove"
    ]
    assert text(HELPER, known=("u-web",), now=OLD - 1) == []


@pytest.mark.parametrize("sort", Sort)
def test_what_belongs_to_no_pod_goes(sort: Sort) -> None:
    """Whatever it is; a young one may just be in the making."""
    one = Labelled(sort, "x", "x", Whose.OURS, node="n1")

    assert [row.endswith("-> remove") for row in text(one)] == [True]
    assert text(one, now=OLD - 1) == []


def test_networks_go_with_their_pod() -> None:
    """No worker removes them, so the sweep does."""
    assert text(NETWORK) == ["network w (the API knows no such pod) -> remove"]


def test_what_is_anothers_is_not_touched() -> None:
    """Of other nodes of the cluster we tell; other clusters do not concern us."""
    other = replace(PART, whose=Whose.OTHER_NODE, node="gone")
    foreign = replace(PART, whose=Whose.OTHER_CLUSTER)

    assert text(other, foreign, known=("u-web",)) == [
        'volume v (it belongs to node "gone", and this engine is node "n1")'
    ]


def strays(node: Node) -> list[Labelled]:
    """One of each sort, as old as the node's clock."""
    now = node.clock.now()
    return [
        Labelled(s, s.value, s.value, Whose.OURS, node="node-1", created_at=now)
        for s in Sort
    ]


def test_leftovers_are_removed_within_two_minutes(node: Node) -> None:
    """Pods, and what is another's, stay."""
    node.run("web")
    other = replace(strays(node)[0], id="o", whose=Whose.OTHER_NODE, node="n2")
    node.runtime.others = [*strays(node), other]

    node.advance(YOUNG_SECONDS + SWEEP_SECONDS + 1)

    assert node.runtime.others == [other]
    assert node.runtime.running("web") == ["app"]


def test_a_new_agent_finds_what_its_predecessor_has_left(node: Node) -> None:
    """Also if it was not there when they became old."""
    node.runtime.others = strays(node)
    node.clock.advance(YOUNG_SECONDS)
    node.restart()
    node.settle()

    assert node.runtime.others == []


def test_an_engine_that_will_not_remove_something_is_asked_again(node: Node) -> None:
    """A network that is in use; it keeps the others from nothing."""
    network = strays(node)[2]
    node.runtime.others = [network, *strays(node)[:2]]
    node.runtime.in_use = {network.id}
    node.advance(YOUNG_SECONDS + SWEEP_SECONDS + 1)
    assert node.runtime.others == [network]

    node.runtime.in_use = set()
    node.advance(SWEEP_SECONDS)

    assert node.runtime.others == []


def test_nothing_is_concluded_while_the_engine_is_away(node: Node) -> None:
    """The next sweep finds it."""
    node.runtime.others = strays(node)
    node.runtime.unavailable = True
    node.advance(YOUNG_SECONDS + SWEEP_SECONDS)
    node.runtime.unavailable = False
    assert len(node.runtime.others) == 3

    node.advance(SWEEP_SECONDS)

    assert node.runtime.others == []

"""When so many nodes vanish that it is rather we who are cut off."""

import pytest

from supervisor.model.meta import Object
from tests.unit.controllers.hosts import Hosts

RULES = ("node-lifecycle", "taint-eviction")
NO_SCHEDULE = ["unreachable:NoSchedule"]
BOTH = [*NO_SCHEDULE, "unreachable:NoExecute"]


def grown(count: int) -> Hosts:
    """Nodes with a pod each, `on-one`, `on-two`, …"""
    hosts = Hosts(count, *RULES)
    for name in hosts.names:
        hosts.run_pod(f"on-{name}", name)
    hosts.grow_up()
    return hosts


def patient(seconds: int) -> list[Object]:
    """Tolerations of a pod that waits longer for its node than others do."""
    key, effect = "node.kubernetes.io/unreachable", "NoExecute"
    toleration: Object = {"key": key, "operator": "Exists", "effect": effect}
    return [toleration | {"tolerationSeconds": seconds}]


def stopped(hosts: Hosts, name: str) -> Object:
    return hosts.condition(name, "EvictionStopped")


@pytest.mark.parametrize(
    ("lost", "total", "evicts"),
    [
        (1, 1, False),
        (1, 2, True),
        (2, 2, False),
        (1, 3, True),
        (2, 3, True),
        (3, 3, False),
        (2, 4, True),
        (3, 4, False),
        (2, 5, True),
        (3, 5, False),
        (5, 5, False),
    ],
)
def test_how_many_may_be_lost(lost: int, total: int, evicts: bool) -> None:
    """Never all, and beyond two not 55 %; two of three still count as lost."""
    hosts = grown(total)
    gone = hosts.names[:lost]
    hosts.lose(*gone)
    hosts.pass_time(30)

    assert [hosts.ready(name) for name in gone] == ["Unknown"] * lost
    assert hosts.taints("one") == (BOTH if evicts else NO_SCHEDULE)
    assert ("on-one" in hosts.active()) is not evicts


@pytest.mark.parametrize("stagger", [0.0, 0.4, 0.8, 1.2])
def test_nodes_that_vanish_within_a_period_are_one_event(stagger: float) -> None:
    """The last heartbeats of all lie close together when our own network goes."""
    hosts = grown(3)
    for name in ("two", "three"):
        hosts.advance(stagger)
        hosts.beat(name)
    hosts.lose("one", "two", "three")
    hosts.pass_time(60)

    assert hosts.events("TaintManagerEviction") == []
    assert len(hosts.active()) == 3


def test_the_brake_is_announced_on_the_nodes() -> None:
    """An event, and a condition that describe shows; over when they are back."""
    hosts = grown(3)
    hosts.lose(*hosts.names)
    hosts.pass_time(10)
    text = (
        "3 of 3 nodes do not answer: rather the supervisor itself is cut off. "
        "Nothing is evicted."
    )
    assert stopped(hosts, "two")["status"] == "True"
    assert stopped(hosts, "two")["reason"] == "TooManyNodesLost"
    assert stopped(hosts, "two")["message"] == text
    assert hosts.events("EvictionStopped") == [f"EvictionStopped {text} x1"] * 3

    hosts.find(*hosts.names)
    hosts.pass_time(4)

    assert stopped(hosts, "two")["status"] == "False"
    assert len(hosts.events("EvictionResumed")) == 3
    assert hosts.events("TaintManagerEviction") == []
    assert len(hosts.active()) == 3


def test_one_node_alone_is_no_news() -> None:
    """There is nowhere to evict to, and nothing to announce."""
    hosts = grown(1)
    hosts.lose("one")
    hosts.pass_time(100)

    assert stopped(hosts, "one") == {}
    assert hosts.active() == ["on-one"]


def test_after_the_brake_lost_nodes_get_the_whole_grace_again() -> None:
    """Six seconds, and then what the pods tolerate."""
    hosts = grown(3)
    hosts.lose(*hosts.names)
    hosts.pass_time(60)
    hosts.find("two", "three")
    hosts.pass_time(5)
    assert hosts.taints("one") == NO_SCHEDULE

    hosts.pass_time(2)
    assert hosts.taints("one") == BOTH
    assert len(hosts.active()) == 3

    hosts.pass_time(2)
    assert hosts.active() == ["on-three", "on-two"]


def test_the_brake_lifts_taints_that_stand() -> None:
    """Pods that are about to be evicted are not."""
    hosts = Hosts(2, *RULES)
    hosts.run_pod("a", "one", tolerations=patient(20))
    hosts.grow_up()
    hosts.lose("one")
    hosts.pass_time(10)
    assert hosts.taints("one") == BOTH

    hosts.lose("two")
    hosts.pass_time(30)

    assert hosts.taints("one") == NO_SCHEDULE
    assert hosts.active() == ["a"]
    cancelled = "TaintManagerEviction Cancelling deletion of Pod default/a x1"
    assert hosts.events("TaintManagerEviction") == [cancelled]


def test_a_restart_while_cut_off_evicts_nobody() -> None:
    """Taints from before, and no node that answers: the brake holds from the start."""
    hosts = Hosts(3, *RULES)
    hosts.run_pod("a", "one", tolerations=patient(9))
    hosts.grow_up()
    hosts.lose("one")
    hosts.pass_time(8)
    assert hosts.taints("one") == BOTH

    hosts.lose("two", "three")
    hosts.restart()
    hosts.pass_time(100)

    assert hosts.taints("one") == NO_SCHEDULE
    assert hosts.active() == ["a"]


def test_nodes_whose_engines_say_that_they_are_broken_count_too() -> None:
    """Whatever the reason, most pods of the cluster are not evicted at once."""
    hosts = grown(3)
    for name in hosts.names:
        hosts.post(name, "False")
    hosts.pass_time(30)

    assert len(hosts.active()) == 3

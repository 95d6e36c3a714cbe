"""Figure 4.1 of the book: a node dies, its replicas live on elsewhere."""

import pytest

from tests.unit.controllers.hosts import Hosts


@pytest.fixture
def hosts() -> Hosts:
    """Three nodes, two replicas on each, and a lone pod on the first."""
    made = Hosts(3)
    made.grow_up()
    made.run_rc(6)
    made.run_pod("lone", "one", labels={})
    return made


def test_replicas_of_a_lost_node_are_elsewhere_after_eight_seconds(
    hosts: Hosts,
) -> None:
    """Grace and toleration, and not a moment more; the lone pod is not recreated."""
    assert hosts.where() == {"one": 3, "two": 2, "three": 2}
    hosts.lose("one")
    hosts.pass_time(7.9)
    assert hosts.where()["one"] == 3

    hosts.pass_time(0.1)

    assert hosts.where() == {"two": 3, "three": 3}
    terminating = [p for p in hosts.pods() if "deletionTimestamp" in p["metadata"]]
    assert len(terminating) == 3


def test_a_node_that_is_back_before_eviction_keeps_its_pods(hosts: Hosts) -> None:
    """The very same ones; what was to come is cancelled."""
    before = hosts.active()
    hosts.lose("one")
    hosts.pass_time(7)
    hosts.find("one")
    hosts.pass_time(60)

    assert hosts.active() == before
    found = hosts.events("TaintManagerEviction")
    assert len(found) == 3
    assert all("Cancelling deletion" in text for text in found)


def test_a_node_that_is_back_after_eviction_gives_up_its_pods(hosts: Hosts) -> None:
    """The count is exact, and the node takes pods again."""
    hosts.lose("one")
    hosts.pass_time(60)
    hosts.find("one")
    hosts.remove_containers_of("one")
    hosts.pass_time(10)

    assert hosts.where() == {"two": 3, "three": 3}
    assert len(hosts.pods()) == 6
    hosts.api.patch(
        "replicationcontrollers", "kubia", "default", {"spec": {"replicas": 9}}
    )
    hosts.settle()
    assert hosts.where() == {"one": 3, "two": 3, "three": 3}


@pytest.mark.parametrize("at", [1, 5, 6, 7, 8, 9])
def test_a_restart_amid_a_failover_changes_nothing_but_time(
    hosts: Hosts, at: float
) -> None:
    """Wherever the daemon dies, the end is the same: all replicas, none twice."""
    hosts.lose("one")
    hosts.pass_time(at)
    hosts.restart()
    hosts.pass_time(20)

    assert hosts.where() == {"two": 3, "three": 3}


def test_a_restart_evicts_nobody_of_a_node_that_is_back(hosts: Hosts) -> None:
    """The taints are from before; while the daemon was away, the node came back."""
    hosts.lose("one")
    hosts.pass_time(7)
    before = hosts.active()
    hosts.clock.advance(600)
    hosts.restart()
    hosts.find("one")
    hosts.pass_time(60)

    assert hosts.active() == before


def test_two_of_three_lost_nodes_are_evicted(hosts: Hosts) -> None:
    """The third, which answers, shows that our own network works."""
    hosts.lose("one", "two")
    hosts.pass_time(9)

    assert hosts.where() == {"three": 6}


def test_a_node_object_that_is_deleted_takes_its_pods_with_it(hosts: Hosts) -> None:
    """After forty seconds in which it may come back; their replicas run elsewhere."""
    hosts.lose("one")
    hosts.pass_time(10)
    hosts.api.delete("nodes", "one")
    hosts.pass_time(61)

    assert hosts.where() == {"two": 3, "three": 3}
    assert len(hosts.pods()) == 6

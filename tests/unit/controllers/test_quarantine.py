"""Nodes that come and go."""

import pytest

from supervisor.controllers.nodes import quarantine
from tests.fakes.clock import START
from tests.unit.controllers.hosts import Hosts

FLAPPING = ["flapping:NoSchedule"]


@pytest.fixture
def hosts() -> Hosts:
    """Three nodes, grown up."""
    made = Hosts(3, "node-lifecycle")
    made.grow_up()
    return made


def flap(hosts: Hosts, times: int = 1) -> None:
    for _ in range(times):
        hosts.lose("one")
        hosts.pass_time(8)
        hosts.find("one")


def test_the_first_return_is_free(hosts: Hosts) -> None:
    """A host that was rebooted is used at once."""
    flap(hosts)

    assert hosts.taints("one") == []


def test_a_node_that_was_lost_twice_gets_no_new_pods_for_a_while(hosts: Hosts) -> None:
    """Ten seconds, by a taint that says so, and an event."""
    flap(hosts, 2)
    assert hosts.taints("one") == FLAPPING
    assert hosts.events("NodeFlapping") == [
        "NodeFlapping It was lost several times of late: no new pods for 10s x1"
    ]

    hosts.pass_time(9.9)
    assert hosts.taints("one") == FLAPPING

    hosts.pass_time(0.1)
    assert hosts.taints("one") == []


def test_each_further_loss_doubles_the_wait() -> None:
    """Up to five minutes."""
    losses = [START + n for n in range(9)]
    found = [quarantine.taint(losses[:n], START + 10) for n in range(10)]

    waits = [taint["value"] if taint else "" for taint in found]
    assert waits == ["", "", "10s", "20s", "40s", "80s", "160s", "300s", "300s", "300s"]


def test_losses_of_long_ago_are_forgotten(hosts: Hosts) -> None:
    """Ten minutes."""
    flap(hosts)
    hosts.pass_time(600)
    flap(hosts)

    assert hosts.taints("one") == []


def test_a_quarantine_outlives_the_daemon(hosts: Hosts) -> None:
    """The taint says since when and how long."""
    flap(hosts, 3)
    hosts.pass_time(10)
    hosts.restart()
    hosts.pass_time(8)
    assert hosts.taints("one") == FLAPPING

    hosts.pass_time(2)

    assert hosts.taints("one") == []


def test_a_garbled_quarantine_is_over(hosts: Hosts) -> None:
    """Nobody has to find out what it meant."""
    odd = {"key": quarantine.FLAPPING, "value": "soon", "effect": "NoSchedule"}
    hosts.api.patch("nodes", "one", "", {"spec": {"taints": [odd]}})
    hosts.settle()

    assert hosts.taints("one") == []


def test_a_node_that_flaps_does_not_thrash() -> None:
    """Lost and back every ten seconds for ten minutes: its pods move a few times."""
    hosts = Hosts(3)
    hosts.grow_up()
    hosts.run_rc(6)
    for _ in range(60):
        hosts.lose("one")
        hosts.pass_time(10)
        hosts.find("one")
        hosts.remove_containers_of("one")
        hosts.pass_time(4)

    assert len(hosts.active()) == 6
    assert len(hosts.events("TaintManagerEviction")) <= 8

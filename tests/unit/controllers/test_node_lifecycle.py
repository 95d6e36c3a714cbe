"""Nodes that fall silent, and what is written on them."""

import pytest

from supervisor.model.failover import Failover
from tests.unit.controllers.build import node_object
from tests.unit.controllers.cluster import Cluster
from tests.unit.controllers.hosts import Hosts

BOTH = ["unreachable:NoSchedule", "unreachable:NoExecute"]


@pytest.fixture
def hosts() -> Hosts:
    """Three nodes, and a ready pod on the first."""
    made = Hosts(3, "node-lifecycle")
    made.run_pod("a", "one")
    made.grow_up()
    return made


def test_a_node_that_renews_its_lease_is_left_alone(hosts: Hosts) -> None:
    """For however long."""
    before = hosts.api.get("nodes", "one")["metadata"]["resourceVersion"]
    hosts.pass_time(100)

    assert hosts.api.get("nodes", "one")["metadata"]["resourceVersion"] == before
    assert hosts.events() == []


def test_a_silent_node_is_lost_after_six_seconds(hosts: Hosts) -> None:
    """Unknown, tainted, and its pods are no longer ready."""
    hosts.lose("one")
    hosts.pass_time(5.9)
    assert (hosts.ready("one"), hosts.pod_ready("a")) == ("True", "True")
    assert hosts.taints("one") == []

    hosts.pass_time(0.1)

    assert (hosts.ready("one"), hosts.pod_ready("a")) == ("Unknown", "False")
    assert hosts.taints("one") == BOTH
    ready = hosts.condition("one", "Ready")
    assert ready["reason"] == "NodeStatusUnknown"
    assert ready["message"] == "Kubelet stopped posting node status."
    assert hosts.condition("one", "DiskPressure")["reason"] == "NodeStatusNeverUpdated"
    assert hosts.events() == [
        "NodeNotReady Node is not ready x1",
        "NodeNotReady Node one status is now: NodeNotReady x1",
    ]


def test_a_lost_node_is_written_once(hosts: Hosts) -> None:
    """Marking it is no heartbeat, and nothing is said twice."""
    hosts.lose("one")
    hosts.pass_time(8)
    marked = hosts.api.get("nodes", "one")["metadata"]["resourceVersion"]

    hosts.pass_time(100)

    assert hosts.api.get("nodes", "one")["metadata"]["resourceVersion"] == marked


def test_a_node_that_is_back_loses_its_taints(hosts: Hosts) -> None:
    """Both, as soon as its agent says that it is ready."""
    hosts.lose("one")
    hosts.pass_time(7)
    assert hosts.taints("one") == BOTH

    hosts.find("one")

    assert hosts.taints("one") == []
    assert hosts.ready("one") == "True"


def test_a_status_of_the_node_is_a_heartbeat_too(hosts: Hosts) -> None:
    """Either kind is enough."""
    hosts.lose("one")
    hosts.pass_time(4)
    hosts.post("one", "True")
    hosts.pass_time(4)

    assert hosts.ready("one") == "True"


def test_a_node_that_says_so_itself_is_not_ready(hosts: Hosts) -> None:
    """The other taint of the two, and the same for its pods."""
    hosts.post("one", "False")

    assert hosts.taints("one") == ["not-ready:NoSchedule", "not-ready:NoExecute"]
    assert hosts.pod_ready("a") == "False"


def test_the_two_taints_are_swapped_and_keep_their_time(hosts: Hosts) -> None:
    """What pods have waited already counts."""
    hosts.post("one", "False")
    since = hosts.api.get("nodes", "one")["spec"]["taints"][1]["timeAdded"]
    hosts.lose("one")
    hosts.pass_time(10)

    assert hosts.taints("one") == BOTH
    assert hosts.api.get("nodes", "one")["spec"]["taints"][1]["timeAdded"] == since


def test_a_clock_of_the_node_that_is_wrong_does_not_matter(hosts: Hosts) -> None:
    """Only that a Lease changes counts, and when that was seen here."""
    hosts.lose("one")
    for hour in range(10):
        hosts.pass_time(4)
        text = f"2001-01-01T{hour:02}:00:00.000000Z"
        lease = ("leases.coordination.k8s.io", "one", "kube-node-lease")
        hosts.api.patch(*lease, {"spec": {"renewTime": text}})
        hosts.settle()

    assert hosts.ready("one") == "True"


def test_taints_and_cordons_of_others_stay(hosts: Hosts) -> None:
    """And a cordon shows as the taint that it is."""
    own = {"key": "mine", "value": "x", "effect": "NoSchedule"}
    spec = {"spec": {"taints": [own], "unschedulable": True}}
    hosts.api.patch("nodes", "one", "", spec)
    hosts.settle()
    assert hosts.taints("one") == ["mine:NoSchedule", "unschedulable:NoSchedule"]

    hosts.lose("one")
    hosts.pass_time(8)
    hosts.api.patch("nodes", "one", "", {"spec": {"unschedulable": None}})
    hosts.find("one")

    assert hosts.taints("one") == ["mine:NoSchedule"]


def test_a_restart_of_the_daemon_holds_nothing_against_a_node(hosts: Hosts) -> None:
    """What happened while nobody listened is not known: twelve seconds for all."""
    hosts.lose("one")
    hosts.pass_time(5)
    hosts.restart()
    hosts.pass_time(11)
    assert hosts.ready("one") == "True"

    hosts.pass_time(1)

    assert hosts.ready("one") == "Unknown"


def test_a_daemon_that_slept_does_not_blame_the_nodes(hosts: Hosts) -> None:
    """Every node gets its whole grace again, whatever the clock says."""
    hosts.settle()
    hosts.clock.advance(60)  # timers fire, and nobody works on them
    hosts.advance(0)
    assert hosts.ready("one") == "True"

    hosts.advance(5)
    assert hosts.ready("one") == "True"
    hosts.beat("two", "three")
    hosts.advance(1)
    assert hosts.ready("one") == "Unknown"


def test_a_node_that_never_reported_has_longer() -> None:
    """A new node may take a while to say its first word, and is not tainted for it."""
    cluster = Cluster("node-lifecycle")
    cluster.advance(60)
    silent = node_object("one")
    silent["status"] = {}
    cluster.create("nodes", silent)
    cluster.advance(11)
    assert not cluster.api.get("nodes", "one")["status"].get("conditions")

    cluster.advance(1)

    found = cluster.api.get("nodes", "one")["status"]["conditions"]
    assert {c["reason"] for c in found} == {"NodeStatusNeverUpdated"}


def test_the_grace_is_a_setting() -> None:
    """Such as that of the fast profile."""
    hosts = Hosts(3, "node-lifecycle", failover=Failover(0.8, 2.5, 0))
    hosts.grow_up()
    hosts.alive.clear()
    hosts.advance(1)
    hosts.beat("two", "three")
    hosts.advance(1.5)

    assert hosts.ready("one") == "Unknown"

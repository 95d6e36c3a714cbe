"""A node that is registered, not ready, and of which no agent has ever spoken."""

from supervisor.model.meta import Object
from tests.unit.controllers.hosts import Hosts

RULES = ("node-lifecycle", "taint-eviction")
NO_SCHEDULE = ["not-ready:NoSchedule"]


def register(hosts: Hosts, *names: str) -> None:
    """What is registered for engines that have never answered."""
    for name in names:
        said = {"type": "Ready", "status": "False", "reason": "EngineUnavailable"}
        node: Object = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        hosts.create("nodes", node | {"status": {"conditions": [said]}})
    hosts.settle()


def test_it_stays_as_it_is() -> None:
    """Not silent, since it never spoke; no pods come to it, none is evicted from it."""
    hosts = Hosts(1, *RULES)
    register(hosts, "new")
    hosts.run_pod("there", "new")
    hosts.pass_time(120)

    assert hosts.condition("new", "Ready")["reason"] == "EngineUnavailable"
    assert hosts.taints("new") == NO_SCHEDULE
    assert hosts.active() == ["there"]


def test_the_brake_does_not_count_it() -> None:
    """Three of five would stop evictions; two of them never were there."""
    hosts = Hosts(3, *RULES)
    register(hosts, "new", "newer")
    hosts.run_pod("on-one", "one")
    hosts.grow_up()
    hosts.lose("one")
    hosts.pass_time(30)

    assert hosts.active() == []
    assert hosts.condition("new", "EvictionStopped") == {}


def test_its_coming_is_no_return() -> None:
    """It gets pods at once, also when it is lost and back once after that."""
    hosts = Hosts(2, *RULES)
    register(hosts, "new")
    hosts.grow_up()
    hosts.post("new", "True")
    assert hosts.taints("new") == []
    hosts.post("new", "False")
    hosts.post("new", "True")

    assert hosts.taints("new") == []


def test_once_it_has_spoken_it_is_like_any_other() -> None:
    """Its silence is Unknown."""
    hosts = Hosts(2, *RULES)
    register(hosts, "new")
    hosts.grow_up()
    hosts.post("new", "True")
    hosts.pass_time(30)

    assert hosts.ready("new") == "Unknown"
    assert hosts.taints("new") == ["unreachable:NoSchedule", "unreachable:NoExecute"]

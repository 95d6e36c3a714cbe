"""Pods that a NoExecute taint drives away."""

from typing import Any

import pytest

from supervisor.controllers.nodes.taint_eviction import Standing, plan
from supervisor.model.kinds import Taint
from supervisor.model.meta import Object
from tests.fakes.clock import START
from tests.unit.controllers.build import pod
from tests.unit.controllers.hosts import Hosts

OWN = Taint("maintenance", "NoExecute", "now")
LOST = Taint("node.kubernetes.io/unreachable", "NoExecute")


def tolerating(key: str = "", seconds: int | None = None) -> list[Object]:
    toleration: Object = {"key": key, "operator": "Exists", "effect": "NoExecute"}
    return [
        toleration if seconds is None else toleration | {"tolerationSeconds": seconds}
    ]


def planned(*tolerations: Object, taints: Any = (OWN,), before: float = 0) -> str:
    """What becomes of a pod, of taints that stand since `START`."""
    one = pod("a", tolerations=list(tolerations))
    standing = [Standing(taint, START) for taint in taints]
    todo = plan([one], standing, START, not_before=START + before)
    if todo.actions:
        return "evict"
    return "".join(f"in {at - START:g} s" for at in todo.due.values()) or "stay"


def test_what_is_not_tolerated_evicts_at_once() -> None:
    """No seconds are given for it."""
    assert planned() == "evict"
    assert planned(*tolerating("other")) == "evict"


def test_what_is_tolerated_for_a_time_evicts_after_it() -> None:
    """The shortest of all that match; zero and less is at once."""
    assert planned(*tolerating("maintenance", 30)) == "in 30 s"
    both = [*tolerating("maintenance", 30), *tolerating("", 20)]
    assert planned(*both) == "in 20 s"
    assert planned(*tolerating("", -5)) == "evict"


def test_what_is_tolerated_without_end_never_evicts() -> None:
    """As daemons of the system do it."""
    assert planned(*tolerating("maintenance")) == "stay"


def test_of_several_taints_the_first_to_end_decides() -> None:
    """Each is tolerated for its own time."""
    both = [*tolerating("maintenance", 30), *tolerating(LOST.key, 5)]
    assert planned(*both, taints=(OWN, LOST)) == "in 5 s"


def test_taints_of_lost_nodes_wait_for_the_daemon_to_look_around() -> None:
    """Other taints do not."""
    assert planned(taints=(LOST,), before=12) == "in 12 s"
    assert planned(taints=(OWN,), before=12) == "evict"


def test_a_pod_that_is_being_deleted_is_left_alone() -> None:
    """It goes already."""
    leaving = pod("a", deleting=True)
    todo = plan([leaving], [Standing(OWN, START)], START, not_before=0)

    assert (todo.actions, todo.due) == ((), {})


@pytest.fixture
def hosts() -> Hosts:
    """Two nodes, and a pod that tolerates the taint `maintenance` for 30 s."""
    made = Hosts(2, "taint-eviction")
    made.run_pod("a", "one", tolerations=tolerating("maintenance", 30))
    return made


def taint(hosts: Hosts, *taints: Object) -> None:
    spec = {"spec": {"taints": list(taints)}}
    hosts.api.patch("nodes", "one", "", spec)
    hosts.settle()


MAINTENANCE: Object = {"key": "maintenance", "effect": "NoExecute"}


def test_an_eviction_is_a_deletion_with_the_grace_of_the_pod(hosts: Hosts) -> None:
    """Marked by a condition, and told by an event."""
    taint(hosts, MAINTENANCE)
    hosts.advance(29)
    assert hosts.active() == ["a"]

    hosts.advance(1)

    found = hosts.api.get("pods", "a", "default")
    assert found["metadata"]["deletionGracePeriodSeconds"] == 30
    marks = [c for c in found["status"]["conditions"] if c["type"] != "Ready"]
    assert [(c["type"], c["reason"]) for c in marks] == [
        ("DisruptionTarget", "DeletionByTaintManager")
    ]
    assert hosts.events() == [
        "TaintManagerEviction Marking for deletion Pod default/a x1"
    ]


def test_a_taint_that_goes_in_time_evicts_nobody(hosts: Hosts) -> None:
    """The event says that it was cancelled; the next taint begins anew."""
    taint(hosts, MAINTENANCE)
    hosts.advance(20)
    taint(hosts)
    hosts.advance(60)
    assert hosts.active() == ["a"]
    assert hosts.events() == [
        "TaintManagerEviction Cancelling deletion of Pod default/a x1"
    ]

    taint(hosts, MAINTENANCE)
    hosts.advance(29)
    assert hosts.active() == ["a"]


def test_a_restart_goes_on_where_it_was(hosts: Hosts) -> None:
    """The time stands in the taint."""
    taint(hosts, MAINTENANCE | {"timeAdded": "2026-01-02T03:04:05Z"})
    hosts.advance(20)
    hosts.restart()
    hosts.advance(9)
    assert hosts.active() == ["a"]

    hosts.advance(1)

    assert hosts.active() == []


def test_a_time_without_fractions_is_not_taken_for_an_earlier_one(hosts: Hosts) -> None:
    """Whole seconds are written, so up to one would be lost."""
    hosts.advance(0.9)
    taint(hosts, MAINTENANCE | {"timeAdded": "2026-01-02T03:04:05Z"})
    hosts.advance(29.9)
    assert hosts.active() == ["a"]

    hosts.advance(0.1)
    assert hosts.active() == []


def test_a_pod_that_is_put_on_a_tainted_node_goes(hosts: Hosts) -> None:
    """With nodeName it is not asked what it tolerates."""
    taint(hosts, MAINTENANCE)
    hosts.run_pod("b", "one", tolerations=[])

    assert hosts.active() == ["a"]


def test_tolerations_that_are_added_later_count(hosts: Hosts) -> None:
    """As kubectl edit may add them."""
    taint(hosts, MAINTENANCE)
    more = {"spec": {"tolerations": tolerating("maintenance")}}
    before = hosts.api.get("pods", "a", "default")["spec"]["tolerations"]
    more["spec"]["tolerations"] = [
        {k: v for k, v in t.items() if k != "tolerationSeconds"} for t in before
    ]
    hosts.api.patch("pods", "a", "default", more)
    hosts.settle()
    hosts.advance(100)

    assert hosts.active() == ["a"]

"""What the state of all nodes asks for, as text."""

from typing import Any

from supervisor.controllers.nodes.brake import Brake
from supervisor.controllers.nodes.health import Heartbeat, Watched, observed, watched
from supervisor.controllers.nodes.plan import explain, plan
from supervisor.model.failover import Failover
from supervisor.model.meta import Object
from tests.fakes.clock import START
from tests.unit.controllers.build import node_object

FAILOVER = Failover()
LOST = [
    {
        "key": "node.kubernetes.io/unreachable",
        "effect": effect,
        "timeAdded": "2026-01-02T03:00:00.000000Z",
    }
    for effect in ("NoSchedule", "NoExecute")
]


def heard(name: str, ago: float, **what: Any) -> Watched:
    """A node that was last heard of so many seconds before `START`."""
    heartbeat = Heartbeat((), START - ago)
    long_ago = START - 1000
    return watched(node_object(name, **what), heartbeat, FAILOVER, started_at=long_ago)


def planned(*nodes: Watched, brake: Brake | None = None, age: float = 1000) -> str:
    todo = plan(nodes, brake or Brake(), START, FAILOVER, started_at=START - age)
    return f"{explain(todo)}\nwake in {todo.wake_at - START:g}".strip()


ALL_UNKNOWN = (
    "Ready=Unknown MemoryPressure=Unknown DiskPressure=Unknown PIDPressure=Unknown"
)


def test_nothing_is_done_while_all_are_heard_of() -> None:
    """The next look is when the first would be silent."""
    assert planned(heard("a", 1), heard("b", 2.5)) == "wake in 3.5"


def test_a_silent_node_is_marked_and_tainted() -> None:
    """In one look."""
    assert planned(heard("a", 6), heard("b", 1)) == (
        f"a: {ALL_UNKNOWN} +unreachable:NoSchedule +unreachable:NoExecute\nwake in 5"
    )


def test_without_a_witness_no_pod_has_to_go() -> None:
    """The other was heard of last within three seconds of the silent one."""
    assert planned(heard("a", 6), heard("b", 3.1)) == (
        f"a: {ALL_UNKNOWN} EvictionStopped=True +unreachable:NoSchedule\nwake in 2.9"
    )


def test_after_the_brake_eviction_waits() -> None:
    """For the whole grace."""
    held = Brake(holds=True)
    assert planned(heard("a", 90), heard("b", 1), brake=held) == (
        f"a: {ALL_UNKNOWN} +unreachable:NoSchedule\nwake in 5"
    )


def test_what_stood_before_a_restart_stands_until_it_is_certain() -> None:
    """Nothing is added and nothing taken away."""
    lost = heard("a", 1, ready="Unknown", taints=LOST)
    assert planned(lost, heard("b", 1), age=1) == "wake in 5"


def test_a_node_that_is_ready_again_is_freed() -> None:
    """Of both taints."""
    assert planned(heard("a", 1, taints=LOST), heard("b", 1)) == (
        "a: -unreachable:NoSchedule -unreachable:NoExecute\nwake in 5"
    )


def test_a_lease_alone_does_not_make_a_node_ready() -> None:
    """Its agent has to say so; but nobody is evicted any more."""
    back = heard("a", 0, ready="Unknown", taints=LOST)
    assert planned(back, heard("b", 1)) == "a: -unreachable:NoExecute\nwake in 5"


def test_a_heartbeat_is_a_change_that_was_seen() -> None:
    """Of the Lease, or of what the agent says of the node; not of other conditions."""
    node: Object = node_object("a")
    lease: Object = {"spec": {"renewTime": "1"}}
    first = observed(node, lease, None, 10)
    assert observed(node, lease, first, 20) is first

    node["status"]["conditions"].append(
        {"type": "EngineReachable", "status": "False", "lastHeartbeatTime": "9"}
    )
    assert observed(node, lease, first, 20) is first
    renewed: Object = {"spec": {"renewTime": "2"}}
    assert observed(node, renewed, first, 20).changed_at == 20
    assert observed(node, renewed, first, 20, renewed_at=15).changed_at == 15

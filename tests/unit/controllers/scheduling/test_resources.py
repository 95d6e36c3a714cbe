"""Room on a node: requests, the number of pods, and host ports."""

from typing import Any

import pytest

from supervisor.controllers.scheduling.base import Reasons
from supervisor.controllers.scheduling.pod_info import pod_info
from supervisor.model.kinds import Node
from supervisor.model.pod import Pod
from tests.unit.controllers.build import pod, requesting, waiting
from tests.unit.controllers.scheduling.judging import judged, node, placed


def against(wanted: Pod, room: Node, *pods: Pod) -> Reasons:
    """The reasons against the only node, which has these pods."""
    return judged(wanted, [room], pods).get("node", ())


def with_port(port: int, ip: str = "", protocol: str = "TCP") -> Any:
    ports = [{"containerPort": 80, "hostPort": port, "hostIP": ip}]
    ports[0]["protocol"] = protocol
    return [{"name": "app", "ports": ports}]


def asking(name: str = "a", **requests: str) -> Pod:
    return waiting(name, containers=requesting(**requests))


def taking(name: str = "b", **requests: str) -> Pod:
    return pod(name, containers=requesting(**requests))


@pytest.mark.parametrize(
    ("wanted", "clashes"),
    [
        (with_port(80), True),
        (with_port(80, "127.0.0.1"), True),
        (with_port(81), False),
        (with_port(80, protocol="UDP"), False),
    ],
)
def test_a_host_port_is_taken_once(wanted: Any, clashes: bool) -> None:
    """The same port, protocol and address, where no address means all of them."""
    taken = pod("other", containers=with_port(80))

    found = against(waiting("a", containers=wanted), node("node"), taken)

    reason = "node(s) didn't have free ports for the requested pod ports"
    assert found == ((reason,) if clashes else ())


def test_two_addresses_may_have_the_same_port() -> None:
    """A port of one address leaves that of another free."""
    taken = pod("other", containers=with_port(80, "10.0.0.1"))
    wanted = waiting("a", containers=with_port(80, "10.0.0.2"))

    assert against(wanted, node("node"), taken) == ()


def test_a_host_port_is_taken_by_a_pod_that_was_placed_just_before() -> None:
    """Of three pods with one host port, two nodes take two."""
    pods = [waiting(name, containers=with_port(80)) for name in "abc"]

    found = placed(pods, [node("one"), node("two")])

    assert (found["a"], found["b"]) == ("one", "two")
    assert found["c"].startswith("0/2 nodes are available: 2 node(s) didn't have free")


def test_requests_must_fit_beside_those_of_the_other_pods() -> None:
    """All that lacks is named."""
    full = node("node", cpu="2", memory="2Gi", pods="1")

    assert against(
        asking(cpu="501m", memory="1025Mi"), full, taking(cpu="1500m", memory="1Gi")
    ) == ("Too many pods", "Insufficient cpu", "Insufficient memory")


def test_a_request_that_fits_exactly_fits() -> None:
    """The last millicore may be taken."""
    assert against(asking(cpu="1"), node("node", cpu="2"), taking(cpu="1")) == ()


def test_a_pod_without_requests_fits_an_overfull_node() -> None:
    """What asks for nothing lacks nothing."""
    assert against(waiting("a"), node("node", cpu="2"), taking(cpu="9")) == ()


def test_finished_pods_take_no_room_and_terminating_ones_do() -> None:
    """A pod gives room only once its containers are gone."""
    takes = {"containers": requesting(cpu="2")}
    room = node("node", cpu="2")

    assert against(asking(cpu="2"), room, pod("b", phase="Failed", **takes)) == ()
    assert against(asking(cpu="2"), room, pod("b", deleting=True, **takes)) == (
        "Insufficient cpu",
    )


def test_a_resource_that_no_node_offers_is_lacking() -> None:
    """Except ephemeral storage, which our nodes do not measure."""
    wanted = asking(**{"example.com/gpu": "1", "ephemeral-storage": "1Gi"})

    assert against(wanted, node("node")) == ("Insufficient example.com/gpu",)


def test_other_resources_are_counted_where_a_node_offers_them() -> None:
    """Two of three devices are taken, so two more are too many."""
    offering = node("node", more={"example.com/gpu": "3"})
    gpus = {"example.com/gpu": "2"}

    assert against(asking(**gpus), offering) == ()
    assert against(asking(**gpus), offering, taking(**gpus)) == (
        "Insufficient example.com/gpu",
    )


def test_init_containers_count_at_the_hungriest_instant() -> None:
    """The larger of all containers together and of one init container alone."""
    init = [
        {"name": "side", "restartPolicy": "Always"}
        | {"resources": {"requests": {"cpu": "1"}}},
        {"name": "init", "resources": {"requests": {"cpu": "4"}}},
    ]
    hungry = pod_info(waiting("a", initContainers=init, containers=requesting(cpu="2")))
    steady = pod_info(
        waiting("a", initContainers=init[:1], containers=requesting(cpu="2"))
    )

    assert (hungry.requests.cpu, steady.requests.cpu) == (5000, 3000)


def test_a_pod_goes_where_most_is_left() -> None:
    """Without an owner the emptiest node wins."""
    busy = pod("b", node="one", containers=requesting(cpu="2"), owned_by=None)
    lone = waiting("a", owned_by=None)

    assert placed([lone], [node("one"), node("two")], [busy]) == {"a": "two"}


def test_processor_and_memory_are_used_evenly() -> None:
    """A pod that needs memory goes where processor is used, if equal room is left."""
    nodes = [node("one", memory="4Gi"), node("two", memory="4Gi")]
    pods = [
        pod("b", node="one", containers=requesting(cpu="0", memory="2Gi")),
        pod("c", node="two", containers=requesting(cpu="2", memory="0")),
    ]
    hungry = waiting("a", containers=requesting(cpu="0", memory="1Gi"), owned_by=None)

    assert placed([hungry], nodes, pods) == {"a": "two"}

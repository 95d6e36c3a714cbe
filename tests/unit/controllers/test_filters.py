"""Why a pod cannot run on a node."""

from typing import Any

import pytest

from supervisor.controllers.filters import objections
from supervisor.controllers.node_info import NodeInfo, node_infos, pod_info
from tests.unit.controllers.build import node, pod, requesting, waiting

TAINT = {"key": "disk", "value": "slow", "effect": "NoSchedule"}
UNTOLERATED = ("node(s) had untolerated taint {disk: slow}",)


def room(*pods: Any, **what: Any) -> NodeInfo:
    """A node with these pods on it."""
    return node_infos([node("node", **what)], pods)[0]


def with_port(port: int, ip: str = "", protocol: str = "TCP") -> Any:
    ports = [{"containerPort": 80, "hostPort": port, "hostIP": ip}]
    ports[0]["protocol"] = protocol
    return [{"name": "app", "ports": ports}]


def test_an_empty_ready_node_takes_any_pod() -> None:
    """Nothing speaks against it."""
    assert objections(pod_info(waiting("a")), room()) == ()


def test_a_cordoned_node_takes_only_pods_that_tolerate_it() -> None:
    """Cordoning is like a taint."""
    cordoned = room(unschedulable=True)
    key = "node.kubernetes.io/unschedulable"
    bold = waiting("a", tolerations=[{"key": key, "operator": "Exists"}])

    assert objections(pod_info(waiting("a")), cordoned) == (
        "node(s) were unschedulable",
    )
    assert objections(pod_info(bold), cordoned) == ()


@pytest.mark.parametrize("ready", ["False", "Unknown"])
def test_a_node_that_is_not_ready_takes_nothing(ready: str) -> None:
    """Silence is as bad as a no."""
    assert objections(pod_info(waiting("a")), room(ready=ready)) == (
        "node(s) were not ready",
    )


@pytest.mark.parametrize(
    ("toleration", "tolerates"),
    [
        ({"key": "disk", "value": "slow"}, True),
        ({"key": "disk", "value": "slow", "effect": "NoSchedule"}, True),
        ({"key": "disk", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "disk", "value": "fast"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "disk", "value": "slow", "effect": "NoExecute"}, False),
    ],
)
def test_a_taint_must_be_tolerated(toleration: dict[str, str], tolerates: bool) -> None:
    """By key, operator, value and effect; what is empty stands for every one."""
    info = pod_info(waiting("a", tolerations=[toleration]))

    found = objections(info, room(taints=[TAINT]))

    assert found == (() if tolerates else UNTOLERATED)


def test_a_taint_that_only_prefers_hinders_nothing() -> None:
    """PreferNoSchedule is no reason against a node."""
    mild = room(taints=[TAINT | {"effect": "PreferNoSchedule"}])

    assert objections(pod_info(waiting("a")), mild) == ()


def test_the_node_needs_all_labels_that_the_pod_selects() -> None:
    """One missing label is enough to object."""
    info = pod_info(waiting("a", nodeSelector={"disk": "ssd", "zone": "a"}))

    assert objections(info, room(labels={"disk": "ssd", "zone": "a", "x": "y"})) == ()
    assert objections(info, room(labels={"disk": "ssd"})) == (
        "node(s) didn't match Pod's node affinity/selector",
    )


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
    taken = room(pod("other", containers=with_port(80)))

    found = objections(pod_info(waiting("a", containers=wanted)), taken)

    assert bool(found) == clashes


def test_two_addresses_may_have_the_same_port() -> None:
    """A port of one address leaves that of another free."""
    taken = room(pod("other", containers=with_port(80, "10.0.0.1")))
    info = pod_info(waiting("a", containers=with_port(80, "10.0.0.2")))

    assert objections(info, taken) == ()


def test_requests_must_fit_beside_those_of_the_other_pods() -> None:
    """All that lacks is named."""
    full = room(
        pod("other", containers=requesting(cpu="1500m", memory="1Gi")),
        cpu="2",
        memory="2Gi",
        pods="1",
    )
    info = pod_info(waiting("a", containers=requesting(cpu="501m", memory="1025Mi")))

    assert objections(info, full) == (
        "Too many pods",
        "Insufficient cpu",
        "Insufficient memory",
    )


def test_a_request_that_fits_exactly_fits() -> None:
    """The last millicore may be taken."""
    half = room(pod("other", containers=requesting(cpu="1")), cpu="2")

    assert (
        objections(pod_info(waiting("a", containers=requesting(cpu="1"))), half) == ()
    )


def test_a_pod_without_requests_fits_an_overfull_node() -> None:
    """What asks for nothing lacks nothing."""
    full = room(pod("other", containers=requesting(cpu="9")), cpu="2")

    assert objections(pod_info(waiting("a")), full) == ()


def test_finished_pods_take_no_room_and_terminating_ones_do() -> None:
    """A pod gives room only once its containers are gone."""
    wanted = pod_info(waiting("a", containers=requesting(cpu="2")))
    takes = {"containers": requesting(cpu="2")}

    assert objections(wanted, room(pod("b", phase="Failed", **takes), cpu="2")) == ()
    assert objections(wanted, room(pod("b", deleting=True, **takes), cpu="2")) == (
        "Insufficient cpu",
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

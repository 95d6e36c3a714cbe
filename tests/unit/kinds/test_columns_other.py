"""Nodes, controllers, events and services are shown as upstream shows them."""

import pytest

from supervisor.api import table
from supervisor.model.meta import Object
from tests.kinds import columns

NOW = 1_767_225_600.0
META = {"name": "x", "creationTimestamp": "2025-12-31T23:00:00Z"}


def cells(resource: str, **obj: object) -> list[object]:
    found = table.render(
        columns(resource), [{"metadata": META} | obj], now=NOW, resource_version="1"
    )
    row: list[object] = found["rows"][0]["cells"]
    assert len(row) == len(found["columnDefinitions"])
    return row


def names(resource: str) -> list[str]:
    found = table.render(columns(resource), [], now=NOW, resource_version="1")
    wide = {0: "", 1: "*"}
    return [c["name"] + wide[c["priority"]] for c in found["columnDefinitions"]]


@pytest.mark.parametrize(
    ("resource", "columns"),
    [
        (
            "replicationcontrollers",
            "Name Desired Current Ready Age Containers* Images* Selector*",
        ),
        (
            "nodes",
            "Name Status Roles Age Version Internal-IP* External-IP* OS-Image* "
            "Kernel-Version* Container-Runtime*",
        ),
        ("services", "Name Type Cluster-IP External-IP Port(s) Age Selector*"),
        ("secrets", "Name Type Data Age"),
        ("namespaces", "Name Status Age"),
        ("leases.coordination.k8s.io", "Name Holder Age"),
    ],
)
def test_columns_are_upstreams(resource: str, columns: str) -> None:
    """The columns of a kind, those of -o wide marked with an asterisk."""
    assert " ".join(names(resource)) == columns


def test_columns_of_events_are_upstreams() -> None:
    """Events begin with their age, and have their name last."""
    assert names("events") == [
        "Last Seen",
        "Type",
        "Reason",
        "Object",
        "Subobject*",
        "Source*",
        "Message",
        "First Seen*",
        "Count*",
        "Name*",
    ]


def test_replication_controller_shows_what_it_wants_and_has() -> None:
    """Desired is from the spec, current and ready from the status."""
    containers = [{"name": "a", "image": "i:1"}, {"name": "b", "image": "j:2"}]
    spec = {
        "replicas": 3,
        "selector": {"b": "2", "a": "1"},
        "template": {"spec": {"containers": containers}},
    }

    found = cells(
        "replicationcontrollers", spec=spec, status={"replicas": 2, "readyReplicas": 1}
    )

    assert found == ["x", 3, 2, 1, "60m", "a,b", "i:1,j:2", "a=1,b=2"]


@pytest.mark.parametrize(
    ("conditions", "unschedulable", "status"),
    [
        ([{"type": "Ready", "status": "True"}], False, "Ready"),
        ([{"type": "Ready", "status": "False"}], False, "NotReady"),
        ([{"type": "Ready", "status": "Unknown"}], False, "NotReady"),
        ([], False, "Unknown"),
        ([{"type": "Ready", "status": "True"}], True, "Ready,SchedulingDisabled"),
    ],
)
def test_node_shows_whether_it_takes_pods(
    conditions: list[Object], unschedulable: bool, status: str
) -> None:
    """Readiness, and whether the node is cordoned."""
    found = cells(
        "nodes",
        spec={"unschedulable": unschedulable},
        status={"conditions": conditions},
    )

    assert found[1] == status


def test_node_shows_its_roles_and_what_it_is() -> None:
    """Roles come from labels; unknown things are said to be unknown."""
    labels = {
        "node-role.kubernetes.io/worker": "",
        "node-role.kubernetes.io/": "",
        "kubernetes.io/role": "edge",
    }
    status = {
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1", "osImage": "Debian"},
    }

    found = cells("nodes", metadata=META | {"labels": labels}, status=status)

    assert found[2:] == [
        "edge,worker",
        "60m",
        "v1",
        "10.0.0.1",
        "<none>",
        "Debian",
        "<unknown>",
        "<unknown>",
    ]


def test_event_shows_when_what_happened_to_whom() -> None:
    """A counted event has a first and a last time."""
    found = cells(
        "events",
        type="Warning",
        reason="Unhealthy",
        message=" Liveness probe failed\n",
        involvedObject={"kind": "Pod", "name": "web", "fieldPath": "spec"},
        source={"component": "kubelet", "host": "n1"},
        firstTimestamp="2025-12-31T23:50:00Z",
        lastTimestamp="2025-12-31T23:59:55Z",
        count=7,
    )

    assert found == [
        "5s",
        "Warning",
        "Unhealthy",
        "pod/web",
        "spec",
        "kubelet, n1",
        "Liveness probe failed",
        "10m",
        7,
        "x",
    ]


def test_event_of_the_new_kind_shows_its_series() -> None:
    """eventTime, reporter and series stand in for the older fields."""
    found = cells(
        "events",
        eventTime="2025-12-31T23:50:00.000000Z",
        series={"count": 3, "lastObservedTime": "2025-12-31T23:59:00.000000Z"},
        reportingComponent="scheduler",
        involvedObject={"kind": "Node"},
    )

    assert (found[0], found[3], found[5]) == ("60s", "node", "scheduler")
    assert (found[7], found[8]) == ("10m", 3)


def test_event_seen_once_was_seen_first_and_last_then() -> None:
    """Without a last time, the first one is also the last."""
    found = cells("events", eventTime="2025-12-31T23:59:55.5Z")

    assert (found[0], found[7], found[8]) == ("4s", "4s", 1)


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ({"clusterIP": "10.0.0.1"}, ["ClusterIP", "10.0.0.1", "<none>", "<none>"]),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30000}]},
            ["NodePort", "<none>", "<none>", "80:30000/TCP"],
        ),
        (
            {"type": "LoadBalancer", "ports": [{"port": 53, "protocol": "UDP"}]},
            ["LoadBalancer", "<none>", "<pending>", "53/UDP"],
        ),
        (
            {"type": "ExternalName", "externalName": "example.com"},
            ["ExternalName", "<none>", "example.com", "<none>"],
        ),
        (
            {"externalIPs": ["1.2.3.4"], "clusterIPs": ["None"]},
            ["ClusterIP", "None", "1.2.3.4", "<none>"],
        ),
    ],
)
def test_service_shows_how_it_is_reached(spec: Object, shown: list[str]) -> None:
    """Type, addresses and ports."""
    assert cells("services", spec=spec)[1:5] == shown

"""Tables of nodes, controllers, events and services match upstream."""

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
def test_columns_match_upstream(resource: str, columns: str) -> None:
    """Columns of -o wide are marked with an asterisk."""
    assert " ".join(names(resource)) == columns


def test_columns_of_events_match_upstream() -> None:
    """The age is first, the name last."""
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


def test_replication_controller_shows_desired_and_current() -> None:
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
def test_node_shows_its_status(
    conditions: list[Object], unschedulable: bool, status: str
) -> None:
    """Readiness, and whether it is cordoned."""
    found = cells(
        "nodes",
        spec={"unschedulable": unschedulable},
        status={"conditions": conditions},
    )

    assert found[1] == status


def test_node_shows_roles_and_system_info() -> None:
    """Roles come from labels; unknown values are shown as such."""
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


def test_event_shows_time_object_and_count() -> None:
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


def test_event_with_event_time_shows_its_series() -> None:
    """eventTime, reporter and series replace the older fields."""
    found = cells(
        "events",
        eventTime="2025-12-31T23:50:00.000000Z",
        series={"count": 3, "lastObservedTime": "2025-12-31T23:59:00.000000Z"},
        reportingComponent="scheduler",
        involvedObject={"kind": "Node"},
    )

    assert (found[0], found[3], found[5]) == ("60s", "node", "scheduler")
    assert (found[7], found[8]) == ("10m", 3)


def test_event_without_last_time_uses_the_first() -> None:
    """It occurred once."""
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
def test_service_shows_type_addresses_and_ports(spec: Object, shown: list[str]) -> None:
    """As upstream does."""
    assert cells("services", spec=spec)[1:5] == shown

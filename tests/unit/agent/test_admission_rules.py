"""What speaks against a pod on its own node."""

from typing import Any

import pytest

from supervisor.agent.pods.admission.rules import Rejection, objection
from supervisor.model.kinds import Node
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod

CONTAINER = {"name": "app", "image": "img:1"}


def pod(container: Object | None = None, **spec: Any) -> Pod:
    meta = {"name": "web", "namespace": "default", **spec.pop("metadata", {})}
    rows = [CONTAINER | (container or {})]
    whole = {"nodeName": "one", "containers": rows, **spec}
    return decode(Pod, {"metadata": meta, "spec": whole})


def node(taints: list[Object] | None = None, /, **allocatable: str) -> Node:
    offered = {"cpu": "2", "memory": "1Gi", "pods": "3"} | allocatable
    return decode(
        Node,
        {
            "metadata": {"name": "one", "labels": {"disk": "ssd"}},
            "spec": {"taints": taints or []},
            "status": {"allocatable": offered},
        },
    )


def asking(**requests: str) -> Object:
    return {"resources": {"requests": requests}}


def on_port(port: int, ip: str = "") -> Object:
    given = {"containerPort": 80, "hostPort": port, "hostIP": ip, "protocol": "TCP"}
    return {"ports": [given]}


def lacking(resource: str, requested: int, used: int, capacity: int) -> Rejection:
    text = (
        f"Node didn't have enough resource: {resource}, requested: {requested}, "
        f"used: {used}, capacity: {capacity}"
    )
    return Rejection(f"OutOf{resource}", text)


def failed(name: str, text: str) -> Rejection:
    return Rejection(name, f"Predicate {name} failed: {text}")


def forbidden(sysctl: str) -> Rejection:
    text = f'forbidden sysctl: "{sysctl}" not allowlisted'
    return Rejection("SysctlForbidden", text)


NOT_CHOSEN = failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
PORT_TAKEN = failed(
    "NodePorts", "node(s) didn't have free ports for the requested pod ports"
)
TAINTED = failed("TaintToleration", "node(s) had taints that the pod didn't tolerate")
AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}
            ]
        }
    }
}
SYSCTL = "net.core.somaxconn"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (pod(), None),
        (pod(asking(cpu="2", memory="1Gi")), None),
        (pod(asking(cpu="1000")), lacking("cpu", 1_000_000, 0, 2000)),
        (pod(asking(memory="2Gi")), lacking("memory", 2**31, 0, 2**30)),
        (
            pod(asking(**{"hugepages-2Mi": "2Mi"})),
            lacking("hugepages-2Mi", 2**21, 0, 0),
        ),
        (pod(asking(**{"example.com/gpu": "1"})), None),
        (pod(nodeSelector={"disk": "ssd"}), None),
        (pod(nodeSelector={"disk": "hdd"}), NOT_CHOSEN),
        (pod(affinity=AFFINITY), NOT_CHOSEN),
        (
            pod(nodeName="two"),
            failed("NodeName", "node(s) didn't match the requested node name"),
        ),
        (pod(os={"name": "linux"}), None),
        (
            pod(os={"name": "windows"}),
            Rejection(
                "PodOSNotSupported",
                "Failed to admit pod as the OS field doesn't match node OS",
            ),
        ),
        (
            pod(metadata={"labels": {"kubernetes.io/os": "windows"}}),
            Rejection(
                "PodOSSelectorNodeLabelDoesNotMatch",
                "Failed to admit pod as the `kubernetes.io/os` label doesn't match "
                "node label",
            ),
        ),
        (
            pod(securityContext={"supplementalGroupsPolicy": "Strict"}),
            Rejection(
                "SupplementalGroupsPolicyNotSupported",
                "SupplementalGroupsPolicy=Strict is not supported in this node",
            ),
        ),
        (pod(securityContext={"supplementalGroupsPolicy": "Merge"}), None),
        (
            pod(securityContext={"sysctls": [{"name": SYSCTL, "value": "1"}]}),
            Rejection(
                "SysctlForbidden", f'forbidden sysctl: "{SYSCTL}" not allowlisted'
            ),
        ),
    ],
)
def test_a_pod_is_judged_by_what_it_asks_of_its_node(
    asked: Pod, expected: Rejection | None
) -> None:
    """Reasons and messages are the kubelet's; of several, the first one counts."""
    assert objection(asked, node(), [], "linux") == expected


def test_what_other_pods_have_taken_is_not_offered_again() -> None:
    """Room, the number of pods, and ports of the host."""
    big, small = pod(asking(cpu="1500m")), pod()

    assert objection(big, node(), [big], "linux") == lacking("cpu", 1500, 1500, 2000)
    assert objection(small, node(), [small] * 3, "linux") == lacking("pods", 1, 3, 3)
    for held, wanted, expected in (
        (on_port(8080), on_port(8080), PORT_TAKEN),
        (on_port(8080, "192.0.2.1"), on_port(8080), PORT_TAKEN),
        (on_port(8080, "192.0.2.1"), on_port(8080, "192.0.2.2"), None),
        (on_port(8081), on_port(8080), None),
    ):
        assert objection(pod(wanted), node(), [pod(held)], "linux") == expected


def test_ephemeral_storage_counts_where_the_node_offers_it() -> None:
    """A node that does not measure it refuses nobody for it."""
    asked = pod(asking(**{"ephemeral-storage": "2Gi"}))

    assert objection(asked, node(), [], "linux") is None
    measured = node(**{"ephemeral-storage": "1Gi"})
    expected = lacking("ephemeral-storage", 2**31, 0, 2**30)
    assert objection(asked, measured, [], "linux") == expected


def test_only_taints_that_evict_refuse_a_bound_pod() -> None:
    """NoSchedule is the scheduler's concern; the pod's tolerations count."""
    evicting = {"key": "k", "value": "v", "effect": "NoExecute"}
    asked, patient = pod(), pod(tolerations=[{"key": "k", "operator": "Exists"}])

    assert objection(asked, node([evicting]), [], "linux") == TAINTED
    assert objection(patient, node([evicting]), [], "linux") is None
    mild = node([evicting | {"effect": "NoSchedule"}])
    assert objection(asked, mild, [], "linux") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kernel.shm_rmid_forced", None),
        ("net/ipv4/ip_unprivileged_port_start", None),
        ("net/core/somaxconn", forbidden("net.core.somaxconn")),
        ("kernel.msgmax", forbidden("kernel.msgmax")),
    ],
)
def test_only_settings_that_concern_no_other_pod_may_be_changed(
    name: str, expected: Rejection | None
) -> None:
    """Whether they are written with dots or with slashes."""
    asked = pod(securityContext={"sysctls": [{"name": name, "value": "1"}]})

    assert objection(asked, node(), [], "linux") == expected


def test_a_pod_in_the_hosts_network_may_not_change_it() -> None:
    """A setting of the network would be one of the whole host."""
    name = "net.ipv4.ip_unprivileged_port_start"
    secure = {"sysctls": [{"name": name, "value": "0"}]}

    found = objection(
        pod(hostNetwork=True, securityContext=secure), node(), [], "linux"
    )
    text = f'forbidden sysctl: "{name}" not allowed with host net enabled'
    assert found == Rejection("SysctlForbidden", text)

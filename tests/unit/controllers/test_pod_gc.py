"""Which pods nobody else removes."""

from typing import Any

from supervisor.controllers.pod_gc import plan
from supervisor.model.pod import Pod
from tests.fakes.clock import START
from tests.unit.controllers.build import node_object, pod, pod_object
from tests.unit.controllers.cluster import Cluster


def removed(*pods: Pod, missing: dict[str, float] | None = None, most: int = 9) -> Any:
    todo = plan(pods, missing or {}, START, most=most)
    return [f"{action.name}: {action.because}" for action in todo]


def test_a_pod_of_a_missing_node_goes_after_the_quarantine() -> None:
    """Forty seconds, in which the node may register."""
    lost = pod("a", node="gone")

    assert removed(lost, missing={"gone": START - 39}) == []
    assert removed(lost, missing={"gone": START - 40}) == [
        "a: PodGC: node no longer exists"
    ]


def test_of_too_many_finished_pods_the_oldest_go() -> None:
    """Running pods do not count."""
    pods = [
        pod("new", phase="Failed", created_at=START - 10),
        pod("old", phase="Succeeded", created_at=START - 30),
        pod("running", created_at=START - 99),
    ]

    assert removed(*pods, most=1) == ["old: more than 1 finished pods"]


def test_a_deleted_pod_without_a_node_goes() -> None:
    """There is no agent to confirm its end."""
    assert removed(pod("a", node="", deleting=True), pod("b", deleting=True)) == [
        "a: it is being deleted and has no node"
    ]


def test_pods_of_a_deleted_node_fail_and_vanish() -> None:
    """Of a node that is there they stay."""
    cluster = Cluster("pod-gc")
    cluster.create("nodes", node_object("here"))
    for name, node in (("kept", "here"), ("lost", "gone")):
        made = pod_object(name, owned_by=None, node=node)
        made["spec"]["containers"][0]["image"] = "x"
        made = cluster.create("pods", made)
        cluster.set_status(made, phase="Running")
    cursor = cluster.api.cursor("pods", since=str(cluster.store.revision()))
    cluster.advance(39)
    assert cluster.active() == ["kept", "lost"]

    cluster.advance(21)

    assert cluster.active() == ["kept"]
    (last,) = (seen for seen in cursor.poll() if seen.type == "DELETED")
    assert last.object["status"]["phase"] == "Failed"
    reasons = [
        c["reason"] for c in last.object["status"]["conditions"] if "reason" in c
    ]
    assert "DeletionByPodGC" in reasons

"""What a broken status does to the controllers: nothing."""

import logging

import pytest

from supervisor.controllers.reading import typed
from supervisor.model.pod import Pod
from tests.unit.controllers.build import node_object, pod_object, rc_object
from tests.unit.controllers.cluster import Cluster


def test_a_broken_status_counts_as_empty_and_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The rest of the object is read as ever."""
    broken = pod_object("a")
    broken["status"] = {"containerStatuses": [{"restartCount": 1}]}

    with caplog.at_level(logging.WARNING):
        pod = typed(Pod, broken)

    assert (pod.metadata.name, pod.spec.node_name) == ("a", "node")
    assert pod.status.phase == "Pending"
    assert "the status of Pod default/a is broken" in caplog.text


def test_one_broken_status_stops_no_controller() -> None:
    """Everybody else's pods are created and placed all the same."""
    cluster = Cluster("replication", "scheduler")
    cluster.create("nodes", node_object("one"))
    body = pod_object("broken", owned_by=None, node="")
    body["spec"]["containers"][0]["image"] = "x"
    cluster.create("pods", body)
    status = {"status": {"containerStatuses": [{"restartCount": 1}]}}
    cluster.api.patch("pods", "broken", "default", status, subresource="status")

    cluster.create("replicationcontrollers", rc_object(3), "default")
    cluster.settle()

    assert len(cluster.active()) == 3
    assert all(pod["spec"].get("nodeName") for pod in cluster.pods())

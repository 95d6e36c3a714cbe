"""Updates of the spec do not change the status, and vice versa."""

import pytest

from supervisor.model import qos
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from tests import kinds


def container(**resources: dict[str, str]) -> Object:
    return {"name": "c", "resources": resources}


def test_new_pod_is_pending_in_its_first_generation() -> None:
    """Status, deletion and generation in the request are dropped."""
    pod: Object = {
        "metadata": {"generation": 7, "deletionTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [container()]},
        "status": {"phase": "Running"},
    }

    kinds.prepare_create("pods", pod)

    assert pod["metadata"] == {"generation": 1}
    assert pod["status"] == {"phase": "Pending", "qosClass": "BestEffort"}


def test_new_namespace_is_active_and_has_its_finalizer() -> None:
    """Its contents are deleted before it is removed."""
    namespace: Object = {"metadata": {"name": "dev"}}

    kinds.prepare_create("namespaces", namespace)

    assert namespace["spec"] == {"finalizers": ["kubernetes"]}
    assert namespace["status"] == {"phase": "Active"}
    assert "generation" not in namespace["metadata"]


def test_new_node_keeps_its_status() -> None:
    """Agents create their Node with a status."""
    node = {"metadata": {"name": "n"}, "status": {"capacity": {"cpu": "1"}}}

    kinds.prepare_create("nodes", node)

    assert node["status"] == {"capacity": {"cpu": "1"}}


def stored(replicas: int) -> Object:
    return {
        "metadata": {
            "name": "rc",
            "uid": "u",
            "generation": 3,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"replicas": replicas},
        "status": {"replicas": replicas},
    }


def test_changed_spec_is_a_new_generation() -> None:
    """Status and system metadata are kept."""
    new: Object = {
        "metadata": {"name": "rc", "generation": 99},
        "spec": {"replicas": 5},
        "status": {"replicas": 42},
    }

    kinds.prepare_update("replicationcontrollers", new, stored(3))

    assert new["metadata"] == stored(3)["metadata"] | {"generation": 4}
    assert new["status"] == {"replicas": 3}


def test_unchanged_spec_is_the_same_generation() -> None:
    """Labels, nulls and empty lists do not change it."""
    new = stored(3)
    new["metadata"]["labels"] = {"a": "b"}
    new["spec"]["selector"] = {}

    kinds.prepare_update("replicationcontrollers", new, stored(3))

    assert new["metadata"]["generation"] == 3


def test_an_update_cannot_cancel_a_deletion() -> None:
    """The deletionTimestamp is kept."""
    old = stored(3)
    old["metadata"]["deletionTimestamp"] = "2026-01-02T00:00:00Z"
    new = stored(3)

    kinds.prepare_update("replicationcontrollers", new, old)

    assert new["metadata"]["deletionTimestamp"] == "2026-01-02T00:00:00Z"


def test_status_update_keeps_the_spec() -> None:
    """Only the status changes."""
    new = stored(3)
    new["spec"] = {"replicas": 9}
    new["status"] = {"replicas": 2}

    kinds.prepare_status_update("replicationcontrollers", new, stored(3))

    assert new["spec"] == {"replicas": 3}
    assert new["status"] == {"replicas": 2}
    assert new["metadata"]["generation"] == 3


def test_status_update_of_a_pod_keeps_owner_and_qos_class() -> None:
    """An incomplete report must not release a pod from its controller."""
    owners = [{"uid": "rc"}]
    old: Object = {
        "metadata": {"name": "p", "ownerReferences": owners},
        "status": {"qosClass": "Burstable"},
    }
    new: Object = {"metadata": {"name": "p"}, "status": {"phase": "Running"}}

    kinds.prepare_status_update("pods", new, old)

    assert new["metadata"]["ownerReferences"] == owners
    assert new["status"] == {"phase": "Running", "qosClass": "Burstable"}


def test_finalizers_of_a_namespace_stay_in_an_update() -> None:
    """They have a subresource."""
    old: Object = {"metadata": {}, "spec": {"finalizers": ["kubernetes"]}}
    new: Object = {"metadata": {}, "spec": {}}

    kinds.prepare_update("namespaces", new, old)

    assert new["spec"] == {"finalizers": ["kubernetes"]}


BOTH = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([container()], "BestEffort"),
        ([container(limits={"cpu": "0"})], "BestEffort"),
        ([container(limits={"ephemeral-storage": "1Gi"})], "BestEffort"),
        ([container(requests={"cpu": "1"})], "Burstable"),
        ([container(limits=BOTH, requests=BOTH)], "Guaranteed"),
        ([container(limits=BOTH, requests={**BOTH, "cpu": "1000m"})], "Guaranteed"),
        ([container(limits=BOTH, requests={**BOTH, "cpu": "0.5"})], "Burstable"),
        ([container(limits=BOTH, requests=BOTH), container()], "Burstable"),
        ([container(limits={"cpu": "1"}, requests={"cpu": "1"})], "Burstable"),
    ],
)
def test_quality_of_service_follows_requests_and_limits(
    containers: list[Object], expected: str
) -> None:
    """Guaranteed requires both limits in each container, equal to the requests."""
    spec = {"containers": containers}

    assert qos.of_spec(spec) == expected
    assert qos.of_pod(decode(Pod, {"metadata": {}, "spec": spec})) == expected

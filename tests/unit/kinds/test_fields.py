"""Field selectors support the same fields as upstream."""

import pytest

from supervisor.kinds import selectable
from supervisor.kinds.all import CATALOG
from supervisor.model.meta import Object
from supervisor.model.selectors import FieldValue

POD: Object = {
    "metadata": {
        "name": "web",
        "namespace": "default",
        "ownerReferences": [{"uid": "1"}, {"uid": "2"}],
    },
    "spec": {"nodeName": "n1", "hostNetwork": True},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web"),
        ("metadata.namespace", "default"),
        ("metadata.ownerReferences.uid", ("1", "2")),
        ("spec.nodeName", "n1"),
        ("spec.hostNetwork", "true"),
        ("spec.restartPolicy", ""),
        ("status.phase", "Running"),
        ("status.podIP", ""),
    ],
)
def test_selectable_fields_of_a_pod(path: str, value: FieldValue) -> None:
    """Values are strings; absent ones are empty; there may be several owners."""
    assert path in selectable.allowed(CATALOG.kind("pods"))
    assert selectable.value(CATALOG.kind("pods"), POD, path) == value


@pytest.mark.parametrize(
    ("resource", "path", "value"),
    [
        ("nodes", "spec.unschedulable", "false"),
        ("pods", "spec.hostNetwork", "false"),
        ("replicationcontrollers", "status.replicas", "0"),
        ("namespaces", "status.phase", ""),
        ("secrets", "type", ""),
        ("configmaps", "metadata.ownerReferences.uid", ()),
    ],
)
def test_absent_field_has_the_value_of_its_type(
    resource: str, path: str, value: FieldValue
) -> None:
    """Absent booleans are false, absent numbers are zero."""
    assert path in selectable.allowed(CATALOG.kind(resource))
    assert selectable.value(CATALOG.kind(resource), {}, path) == value


def test_event_is_selected_by_its_object_and_its_source() -> None:
    """The source defaults to the reporter."""
    event = {
        "involvedObject": {"kind": "Pod", "name": "web", "fieldPath": "spec"},
        "reportingComponent": "kubelet",
    }

    assert (
        selectable.value(CATALOG.kind("events"), event, "involvedObject.name") == "web"
    )
    assert (
        selectable.value(CATALOG.kind("events"), event, "involvedObject.fieldPath")
        == "spec"
    )
    assert selectable.value(CATALOG.kind("events"), event, "source") == "kubelet"


def test_other_resources_are_selected_by_name_only() -> None:
    """Fields of pods are not supported for ConfigMaps."""
    assert "spec.nodeName" not in selectable.allowed(CATALOG.kind("configmaps"))
    assert "metadata.name" in selectable.allowed(CATALOG.kind("configmaps"))

"""Which fields are reported as known, but not acted upon."""

from typing import Any

from supervisor.model import schema
from supervisor.model.kinds import ReplicationController, Secret
from supervisor.model.meta import Object, Value
from supervisor.model.pod import Pod


def missed(obj: Object, name: str, value_type: type[Value]) -> list[str]:
    type_ = schema.lookup("v1", name)
    assert type_ is not None
    return schema.unhonoured(obj, type_, value_type)


def missed_in_pod(**spec: Any) -> list[str]:
    return missed({"apiVersion": "v1", "kind": "Pod", "spec": spec}, "Pod", Pod)


def test_fields_that_we_lack_are_named() -> None:
    """What upstream knows and our types lack is named with its path."""
    found = missed_in_pod(
        hostPID=True,
        volumes=[{"name": "v", "nfs": {"server": "s", "path": "/"}}],
        containers=[{"name": "a", "volumeDevices": [{"name": "d"}]}],
    )

    assert found == [
        "spec.hostPID",
        "spec.volumes[0].nfs",
        "spec.containers[0].volumeDevices",
    ]


def test_fields_that_we_honour_are_not_named() -> None:
    """A pod of ordinary fields is honoured wholly."""
    probe = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 5}

    assert missed_in_pod(containers=[{"name": "a", "livenessProbe": probe}]) == []


def test_templates_are_looked_into() -> None:
    """A ReplicationController is judged by the pods that it makes."""
    obj = {"spec": {"template": {"spec": {"subdomain": "x"}}}}

    found = missed(obj, "ReplicationController", ReplicationController)

    assert found == ["spec.template.spec.subdomain"]


def test_what_means_absence_is_no_news() -> None:
    """Nulls, and zero values of fields that are no pointers, change nothing."""
    assert missed_in_pod(hostPID=False, subdomain="", affinity=None, overhead={}) == []


def test_zero_values_of_pointers_are_meant() -> None:
    """`enableServiceLinks: false` differs from its absence, so it is named."""
    assert missed_in_pod(enableServiceLinks=False) == ["spec.enableServiceLinks"]


def test_what_the_server_wrote_may_come_back() -> None:
    """Objects sent back as they were read cause no warnings."""
    obj = {
        "metadata": {
            "name": "x",
            "creationTimestamp": None,
            "managedFields": [{"manager": "kubectl"}],
            "selfLink": "/api/v1/x",
        },
        "status": {"nominatedNodeName": "n"},
    }

    assert missed(obj, "Pod", Pod) == []


def test_unknown_fields_and_wrong_types_are_not_its_business() -> None:
    """What `check` reports is passed over here, without a crash."""
    assert missed_in_pod(bogus=1, containers="none", volumes=[None, 1]) == []
    assert missed({"data": []}, "Secret", Secret) == []

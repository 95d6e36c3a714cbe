"""The least that each kind takes."""

from copy import deepcopy

from supervisor.api.scheme import Resource
from supervisor.model.meta import Object

_TEMPLATE: Object = {"containers": [{"name": "main", "image": "kubia"}]}
_PARTS: dict[str, Object] = {
    "Pod": {"spec": _TEMPLATE},
    "ReplicationController": {
        "spec": {
            "selector": {"app": "a"},
            "template": {"metadata": {"labels": {"app": "a"}}, "spec": _TEMPLATE},
        }
    },
    "Engine": {"spec": {"endpoint": "unix:///var/run/docker.sock"}},
    "Event": {"involvedObject": {"namespace": "default"}},
}


def minimal(resource: Resource) -> Object:
    """An object that may be created, and in namespace default if it has one."""
    meta = {"name": "a"} | ({"namespace": "default"} if resource.namespaced else {})
    named: Object = {"apiVersion": resource.api_version, "kind": resource.kind}
    if resource.virtual:
        return named | {"metadata": {}, "spec": {}}
    return named | {"metadata": meta} | deepcopy(_PARTS.get(resource.kind, {}))

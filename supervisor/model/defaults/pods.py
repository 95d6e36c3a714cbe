"""Defaults of pods and of pod templates.

Follows SetDefaults_Pod, SetDefaults_PodSpec and SetDefaults_Volume of
pkg/apis/core/v1/defaults.go.
"""

from supervisor.model.defaults import containers
from supervisor.model.meta import Object

_SPEC_DEFAULTS = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
}

#: 0644, as decimal JSON carries it.
_FILE_MODE = 420
_SOURCES_WITH_MODE = ("secret", "configMap", "downwardAPI", "projected")


def complete(pod: Object) -> None:
    """Fill in what `pod` leaves open, in place."""
    spec = pod.setdefault("spec", {})
    if spec.get("hostNetwork"):
        _use_host_ports(spec)
    complete_spec(spec)
    for container in _containers(spec):
        containers.request_what_is_limited(container)
    spec.setdefault("enableServiceLinks", True)


def complete_template(template: Object) -> None:
    """Fill in what a pod template leaves open: what every pod of it shares."""
    template.setdefault("metadata", {})
    complete_spec(template.setdefault("spec", {}))


def complete_spec(spec: Object) -> None:
    for field, value in _SPEC_DEFAULTS.items():
        spec[field] = spec.get(field) or value
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("securityContext", {})
    _mirror_service_account(spec)
    for container in _containers(spec):
        containers.complete(container)
    for volume in spec.get("volumes") or []:
        _complete_volume(volume)


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def _use_host_ports(spec: Object) -> None:
    """On the host's network a container's port is the host's."""
    for container in _containers(spec):
        for port in container.get("ports") or []:
            if not port.get("hostPort"):
                port["hostPort"] = port.get("containerPort", 0)


def _mirror_service_account(spec: Object) -> None:
    """`serviceAccount` is the old name of `serviceAccountName`; both are kept."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _complete_volume(volume: Object) -> None:
    if not any(key != "name" for key in volume):
        volume["emptyDir"] = {}
    if volume.get("hostPath") is not None:
        volume["hostPath"].setdefault("type", "")
    for source in _SOURCES_WITH_MODE:
        if volume.get(source) is not None:
            volume[source].setdefault("defaultMode", _FILE_MODE)
    sources = (volume.get("projected") or {}).get("sources") or []
    for source in (volume, *sources):
        for item in (source.get("downwardAPI") or {}).get("items") or []:
            containers.complete_field_ref(item.get("fieldRef"))

"""Service: read-only and always empty, as services are not implemented.

Follows printService of pkg/printers/internalversion/printers.go.
"""

from supervisor.kinds.columns import (
    AGE,
    NAME,
    NONE,
    UNKNOWN,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    labels_text,
    name_of,
)
from supervisor.kinds.identity import SERVICE
from supervisor.kinds.parts import empty_kind
from supervisor.model.meta import Object

_COLUMNS = (
    NAME,
    Column("Type", "Type of the service."),
    Column("Cluster-IP", "Address inside the cluster."),
    Column("External-IP", "Addresses outside the cluster."),
    Column("Port(s)", "Ports of the service."),
    AGE,
    Column("Selector", "Label selector of the pods.", wide=True),
)


def _cluster_ip(service: Object) -> str:
    listed = get(service, "spec.clusterIPs", [])
    return str((listed[0] if listed else get(service, "spec.clusterIP")) or NONE)


def _external_ip(service: Object) -> str:
    given = get(service, "spec.externalIPs", [])
    match get(service, "spec.type", "ClusterIP"):
        case "ClusterIP" | "NodePort":
            return ",".join(given) or NONE
        case "LoadBalancer":
            ingress = get(service, "status.loadBalancer.ingress", [])
            balanced = {i.get("ip") or i.get("hostname") or "" for i in ingress}
            return ",".join([*sorted(balanced - {""}), *given]) or "<pending>"
        case "ExternalName":
            return str(get(service, "spec.externalName", ""))
        case _:
            return UNKNOWN


def _port(port: Object) -> str:
    number = str(port.get("port"))
    if port.get("nodePort"):
        number += f":{port['nodePort']}"
    return f"{number}/{port.get('protocol') or 'TCP'}"


def _cells(service: Object, now: float) -> list[Cell]:
    ports = [_port(p) for p in get(service, "spec.ports", [])]
    return [
        name_of(service),
        get(service, "spec.type") or "ClusterIP",
        _cluster_ip(service),
        _external_ip(service),
        ",".join(ports) or NONE,
        age_of(service, now),
        labels_text(get(service, "spec.selector")),
    ]


KIND = empty_kind(
    SERVICE,
    short_names=("svc",),
    categories=("all",),
    columns=Printer(_COLUMNS, _cells),
)

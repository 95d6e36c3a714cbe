"""The table of nodes.

Follows printNode of pkg/printers/internalversion/printers.go.
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
    name_of,
)
from supervisor.model.meta import Object

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"

_COLUMNS = (
    NAME,
    Column("Status", "Whether the node is ready and schedulable."),
    Column("Roles", "Roles of the node, from its labels."),
    AGE,
    Column("Version", "Version of the agent."),
    Column("Internal-IP", "Address inside the cluster.", wide=True),
    Column("External-IP", "Address outside the cluster.", wide=True),
    Column("OS-Image", "Operating system of the node.", wide=True),
    Column("Kernel-Version", "Kernel version of the node.", wide=True),
    Column("Container-Runtime", "Docker version of the engine.", wide=True),
)


def _status(node: Object) -> str:
    conditions = get(node, "status.conditions", [])
    ready = next((c for c in conditions if c.get("type") == "Ready"), None)
    if ready is None:
        status = "Unknown"
    else:
        status = "Ready" if ready.get("status") == "True" else "NotReady"
    cordoned = get(node, "spec.unschedulable", False)
    return f"{status},SchedulingDisabled" if cordoned else status


def _roles(node: Object) -> str:
    roles = set()
    for key, value in get(node, "metadata.labels", {}).items():
        if key.startswith(_ROLE_PREFIX):
            roles.add(key.removeprefix(_ROLE_PREFIX))
        elif key == _ROLE_LABEL:
            roles.add(value)
    return ",".join(sorted(roles - {""})) or NONE


def _address(node: Object, kind: str) -> str:
    addresses = get(node, "status.addresses", [])
    found = (a.get("address", "") for a in addresses if a.get("type") == kind)
    return next(found, NONE)


def _cells(node: Object, now: float) -> list[Cell]:
    info = get(node, "status.nodeInfo", {})
    return [
        name_of(node),
        _status(node),
        _roles(node),
        age_of(node, now),
        info.get("kubeletVersion") or "",
        _address(node, "InternalIP"),
        _address(node, "ExternalIP"),
        info.get("osImage") or UNKNOWN,
        info.get("kernelVersion") or UNKNOWN,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


PRINTER = Printer(_COLUMNS, _cells)

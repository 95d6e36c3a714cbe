"""`describe pod`.

Follows kubectl/pkg/describe/describe.go (describePod, DescribePodTemplate).
"""

from collections.abc import Sequence

from supervisor.kinds.describing.containers import write_containers
from supervisor.kinds.describing.page import NOTHING, Page
from supervisor.kinds.describing.parts import (
    controller_of,
    or_none,
    write_annotations,
    write_events,
    write_labels,
    write_tolerations,
)
from supervisor.kinds.describing.volumes import write_volumes
from supervisor.model.meta import Object


def describe(page: Page, pod: Object, events: Sequence[Object] | None) -> None:
    """Write the pod, its containers and its events."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    _write_head(page, pod, spec, status)
    if spec.get("initContainers"):
        write_containers(
            page,
            "Init Containers",
            spec["initContainers"],
            status.get("initContainerStatuses") or (),
            pod,
        )
    write_containers(
        page,
        "Containers",
        spec.get("containers") or (),
        status.get("containerStatuses") or (),
        pod,
    )
    _write_conditions(page, spec, status)
    write_volumes(page, spec.get("volumes") or ())
    page.line(0, f"QoS Class:\t{status.get('qosClass') or ''}")
    write_labels(page, "Node-Selectors", spec.get("nodeSelector"))
    write_tolerations(page, spec.get("tolerations"))
    write_events(page, events)


def write_template(page: Page, template: Object | None) -> None:
    """Write the pod template of a controller."""
    page.line(0, "Pod Template:")
    if template is None:
        page.line(1, "<unset>")
        return
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    write_labels(page, "Labels", meta.get("labels"), "  ")
    if meta.get("annotations"):
        write_annotations(page, meta["annotations"], "  ")
    if spec.get("serviceAccountName"):
        page.line(1, f"Service Account:\t{spec['serviceAccountName']}")
    if spec.get("initContainers"):
        write_containers(page, "Init Containers", spec["initContainers"], indent="  ")
    write_containers(page, "Containers", spec.get("containers") or (), indent="  ")
    write_volumes(page, spec.get("volumes") or (), "  ")
    write_labels(page, "Node-Selectors", spec.get("nodeSelector"), "  ")
    write_tolerations(page, spec.get("tolerations"), "  ")


def _write_head(page: Page, pod: Object, spec: Object, status: Object) -> None:
    meta = pod["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    if spec.get("priority") is not None:
        page.line(0, f"Priority:\t{spec['priority']}")
    if spec.get("priorityClassName"):
        page.line(0, f"Priority Class Name:\t{spec['priorityClassName']}")
    if spec.get("serviceAccountName"):
        page.line(0, f"Service Account:\t{spec['serviceAccountName']}")
    node = spec.get("nodeName")
    where = f"{node}/{status.get('hostIP') or ''}" if node else "<none>"
    page.line(0, f"Node:\t{where}")
    if status.get("startTime"):
        page.line(0, f"Start Time:\t{page.date(status['startTime'])}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    _write_phase(page, meta, status)
    page.line(0, f"IP:\t{status.get('podIP') or ''}")
    addresses = status.get("podIPs") or ()
    page.line(0, f"IPs:{'' if addresses else NOTHING}")
    for address in addresses:
        page.line(1, f"IP:\t{address.get('ip', '')}")
    owner = controller_of(pod)
    if owner is not None:
        page.line(0, f"Controlled By:\t{owner['kind']}/{owner['name']}")


def _write_phase(page: Page, meta: Object, status: Object) -> None:
    phase = status.get("phase") or ""
    deleted = meta.get("deletionTimestamp")
    if deleted and phase not in ("Succeeded", "Failed"):
        page.line(0, f"Status:\tTerminating (lasts {page.since(deleted)})")
        grace = meta.get("deletionGracePeriodSeconds", 0)
        page.line(0, f"Termination Grace Period:\t{grace}s")
    else:
        page.line(0, f"Status:\t{phase}")
    for title, key in (("Reason", "reason"), ("Message", "message")):
        if status.get(key):
            page.line(0, f"{title}:\t{status[key]}")


def _write_conditions(page: Page, spec: Object, status: Object) -> None:
    conditions = status.get("conditions") or ()
    state_by_type = {c.get("type"): c.get("status") for c in conditions}
    gates = spec.get("readinessGates") or ()
    if gates:
        page.line(0, "Readiness Gates:")
        page.line(1, "Type\tStatus")
    for gate in gates:
        kind = gate.get("conditionType", "")
        page.line(1, f"{kind} \t{or_none(state_by_type.get(kind) or '')} ")
    if conditions:
        page.line(0, "Conditions:")
        page.line(1, "Type\tStatus")
    for condition in conditions:
        page.line(1, f"{condition.get('type')} \t{condition.get('status')} ")

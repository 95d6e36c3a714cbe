"""`describe node`.

Follows kubectl/pkg/describe/describe.go (describeNode, describeNodeResource).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.kinds.describing import resources
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    write_annotations,
    write_events,
    write_labels,
    write_rows,
)
from supervisor.model.meta import Object

_ROLE = "node-role.kubernetes.io/"
_INFO = {
    "Machine ID": "machineID",
    "System UUID": "systemUUID",
    "Boot ID": "bootID",
    "Kernel Version": "kernelVersion",
    "OS Image": "osImage",
    "Operating System": "operatingSystem",
    "Architecture": "architecture",
    "Container Runtime Version": "containerRuntimeVersion",
    "Kubelet Version": "kubeletVersion",
    "Kube-Proxy Version": "kubeProxyVersion",
}


@dataclass(frozen=True)
class Related:
    """Objects related to a node; `events` is None if not requested."""

    lease: Object | None
    pods: Sequence[Object]
    events: Sequence[Object] | None


def describe(page: Page, node: Object, related: Related) -> None:
    """Write the node, its conditions, and its pods."""
    meta, spec = node["metadata"], node.get("spec") or {}
    status = node.get("status") or {}
    _write_head(page, meta, spec)
    _write_lease(page, related.lease)
    _write_conditions(page, status.get("conditions") or ())
    page.line(0, "Addresses:")
    for address in status.get("addresses") or ():
        page.line(1, f"{address['type']}:\t{address['address']}")
    for title, key in (("Capacity", "capacity"), ("Allocatable", "allocatable")):
        amounts = status.get(key) or {}
        if amounts:
            page.line(0, f"{title}:")
        for name, amount in sorted(amounts.items()):
            page.line(1, f"{name}:\t{amount}")
    page.line(0, "System Info:")
    info = status.get("nodeInfo") or {}
    for title, key in _INFO.items():
        page.line(1, f"{title}:\t{info.get(key, '')}")
    if spec.get("podCIDR"):
        page.line(0, f"PodCIDR:\t{spec['podCIDR']}")
    if spec.get("podCIDRs"):
        page.line(0, f"PodCIDRs:\t{','.join(spec['podCIDRs'])}")
    if spec.get("providerID"):
        page.line(0, f"ProviderID:\t{spec['providerID']}")
    resources.write_pods(page, related.pods, status.get("allocatable") or {})
    write_events(page, related.events)


def _write_head(page: Page, meta: Object, spec: Object) -> None:
    labels = meta.get("labels") or {}
    roles = [key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE)]
    roles += [value for key, value in labels.items() if key == "kubernetes.io/role"]
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Roles:\t{','.join(sorted(filter(None, roles))) or '<none>'}")
    write_labels(page, "Labels", labels)
    write_annotations(page, meta.get("annotations"))
    page.line(0, f"CreationTimestamp:\t{page.date(meta.get('creationTimestamp'))}")
    taints = sorted(
        spec.get("taints") or (), key=lambda t: (t.get("effect") or "", t.get("key"))
    )
    write_rows(page, "Taints", [_taint(taint) for taint in taints])
    unschedulable = "true" if spec.get("unschedulable") else "false"
    page.line(0, f"Unschedulable:\t{unschedulable}")


def _taint(taint: Object) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key')}{value}:{taint.get('effect')}"


def _write_lease(page: Page, lease: Object | None) -> None:
    spec = (lease or {}).get("spec") or {}
    page.line(0, "Lease:")
    page.line(1, f"HolderIdentity:\t{spec.get('holderIdentity') or '<unset>'}")
    for title, key in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        instant = spec.get(key)
        page.line(1, f"{title}:\t{page.date(instant) if instant else '<unset>'}")


def _write_conditions(page: Page, conditions: Sequence[Object]) -> None:
    if not conditions:
        return
    columns = ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime"]
    columns += ["Reason", "Message"]
    page.line(0, "Conditions:")
    page.line(1, "\t".join(columns))
    page.line(1, "\t".join("-" * len(c) if c != "Type" else "----" for c in columns))
    for c in conditions:
        heartbeat = page.date(c.get("lastHeartbeatTime"))
        changed = page.date(c.get("lastTransitionTime"))
        head = f"{c.get('type')} \t{c.get('status')} \t{heartbeat} \t{changed}"
        page.line(1, f"{head} \t{c.get('reason', '')} \t{c.get('message', '')}")

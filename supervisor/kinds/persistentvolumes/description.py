"""`describe pv`.

Follows kubectl/pkg/describe/describe.go (describePersistentVolume).
"""

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.persistentvolumeclaims.description import (
    amount,
    class_of,
    modes,
    phase_of,
)
from supervisor.model.meta import Object


def claim_of(volume: Object) -> str:
    """The claim that a volume is bound to, with its namespace."""
    claim = get(volume, "spec.claimRef")
    if claim is None:
        return ""
    return f"{claim.get('namespace', '')}/{claim.get('name', '')}"


def describe(page: Page, volume: Object, reader: Reader) -> None:
    meta, spec = volume["metadata"], volume.get("spec") or {}
    page.line(0, f"Name:\t{meta['name']}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    deleted = meta.get("deletionTimestamp")
    lasts = f" (lasts {page.since(deleted)})" if deleted else ""
    shown = [
        ("Finalizers", f"[{' '.join(meta.get('finalizers') or ())}]"),
        ("StorageClass", class_of(volume)),
        ("Status", f"{phase_of(volume)}{lasts}"),
        ("Claim", claim_of(volume)),
        ("Reclaim Policy", spec.get("persistentVolumeReclaimPolicy", "")),
        ("Access Modes", modes(spec.get("accessModes") or ())),
        ("VolumeMode", spec.get("volumeMode", "")),
        ("Capacity", amount(get(spec, "capacity", {}).get("storage"))),
    ]
    for title, value in shown:
        page.line(0, f"{title}:\t{value}")
    _write_nodes(page, spec)
    page.line(0, f"Message:\t{get(volume, 'status.message', '')}")
    page.line(0, "Source:")
    _write_source(page, spec)
    write_events(page, reader.events(volume))


def _write_nodes(page: Page, spec: Object) -> None:
    required = get(spec, "nodeAffinity.required")
    if required is None:
        page.line(0, "Node Affinity:\t<none>")
        return
    page.line(0, "Node Affinity:\t")
    terms = required.get("nodeSelectorTerms") or ()
    page.line(1, f"Required Terms:\t{'' if terms else '<none>'}")
    for place, term in enumerate(terms):
        rows = [_expression(e) for e in term.get("matchExpressions") or ()]
        first, *more = rows or ["<none>"]
        page.line(2, f"Term {place}:\t{first}")
        for row in more:
            page.line(2, f"\t{row}")


def _expression(expression: Object) -> str:
    text = f"{expression.get('key')} {str(expression.get('operator')).lower()}"
    values = expression.get("values")
    return f"{text} [{', '.join(values)}]" if values else text


def _write_source(page: Page, spec: Object) -> None:
    if source := spec.get("hostPath"):
        page.line(2, "Type:\tHostPath (bare host directory volume)")
        page.line(2, f"Path:\t{source.get('path', '')}")
        page.line(2, f"HostPathType:\t{source.get('type', '<none>')}")
    elif source := spec.get("nfs"):
        page.line(2, "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)")
        page.line(2, f"Server:\t{source.get('server', '')}")
        page.line(2, f"Path:\t{source.get('path', '')}")
        read_only = str(bool(source.get("readOnly"))).lower()
        page.line(2, f"ReadOnly:\t{read_only}")
    elif source := spec.get("local"):
        text = "LocalVolume (a persistent volume backed by local storage on a node)"
        page.line(2, f"Type:\t{text}")
        page.line(2, f"Path:\t{source.get('path', '')}")
    else:
        page.line(1, "<unknown>")

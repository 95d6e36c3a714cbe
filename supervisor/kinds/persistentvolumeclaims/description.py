"""`describe pvc`, and how claims and volumes are shown.

Follows kubectl/pkg/describe/describe.go (describePersistentVolumeClaim) and
kubectl/pkg/util/storage/storage.go.
"""

from collections.abc import Iterable, Sequence

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    write_annotations,
    write_events,
    write_labels,
    write_rows,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import POD
from supervisor.kinds.persistentvolumeclaims.validation import BETA_CLASS
from supervisor.model import quantities
from supervisor.model.meta import Object

_SHORT = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def modes(given: Iterable[str]) -> str:
    """`RWO,ROX`: each once, in that order."""
    return ",".join(short for mode, short in _SHORT.items() if mode in set(given))


def class_of(obj: Object) -> str:
    """The name of a claim's class, or of a volume's."""
    annotations = get(obj, "metadata.annotations", {})
    named = annotations.get(BETA_CLASS)
    return str(named or get(obj, "spec.storageClassName", ""))


def phase_of(obj: Object) -> str:
    if get(obj, "metadata.deletionTimestamp"):
        return "Terminating"
    return str(get(obj, "status.phase", ""))


def capacity_of(claim: Object) -> str:
    return amount(get(claim, "status.capacity", {}).get("storage"))


def amount(text: quantities.Text | None) -> str:
    try:
        return "0" if text is None else quantities.canonical(text)
    except ValueError:
        return str(text)


def describe(page: Page, claim: Object, reader: Reader) -> None:
    meta = claim["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"StorageClass:\t{class_of(claim)}")
    deleted = meta.get("deletionTimestamp")
    lasts = f" (lasts {page.since(deleted)})" if deleted else ""
    page.line(0, f"Status:\t{phase_of(claim)}{lasts}")
    volume = get(claim, "spec.volumeName", "")
    page.line(0, f"Volume:\t{volume}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    page.line(0, f"Finalizers:\t[{' '.join(meta.get('finalizers') or ())}]")
    page.line(0, f"Capacity:\t{capacity_of(claim) if volume else ''}")
    access = modes(get(claim, "status.accessModes", ())) if volume else ""
    page.line(0, f"Access Modes:\t{access}")
    page.line(0, f"VolumeMode:\t{get(claim, 'spec.volumeMode', '')}")
    pods = reader.list(POD, meta.get("namespace", ""))
    write_rows(page, "Used By", _users(meta["name"], pods))
    _write_conditions(page, get(claim, "status.conditions", ()))
    write_events(page, reader.events(claim))


def _users(name: str, pods: Sequence[Object]) -> list[str]:
    return [
        str(pod["metadata"].get("name"))
        for pod in pods
        for volume in get(pod, "spec.volumes", ())
        if get(volume, "persistentVolumeClaim.claimName") == name
    ]


def _write_conditions(page: Page, conditions: Sequence[Object]) -> None:
    if not conditions:
        return
    page.line(0, "Conditions:")
    titles = "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage"
    page.line(1, titles)
    page.line(1, "----\t------\t-----------------\t------------------\t------\t-------")
    for condition in conditions:
        probed = page.date(condition.get("lastProbeTime"))
        changed = page.date(condition.get("lastTransitionTime"))
        head = f"{condition.get('type')} \t{condition.get('status')} \t{probed} "
        tail = f"{condition.get('reason', '')} \t{condition.get('message', '')}"
        page.line(1, f"{head}\t{changed} \t{tail}")

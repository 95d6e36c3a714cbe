"""`describe statefulset`.

Follows kubectl/pkg/describe/describe.go (describeStatefulSet).
"""

from collections.abc import Sequence

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import POD
from supervisor.kinds.persistentvolumeclaims.description import amount, class_of
from supervisor.kinds.pods.description import write_template
from supervisor.kinds.workloads import selecting
from supervisor.kinds.workloads.description import phases
from supervisor.model.meta import Object


def describe(page: Page, stateful_set: Object, reader: Reader) -> None:
    meta, spec = stateful_set["metadata"], stateful_set.get("spec") or {}
    selector = selecting.text_of(stateful_set)
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"CreationTimestamp:\t{page.date(meta.get('creationTimestamp'))}")
    page.line(0, f"Selector:\t{selector}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    total = get(stateful_set, "status.replicas", 0)
    page.line(0, f"Replicas:\t{spec.get('replicas', 0)} desired | {total} total")
    page.line(0, f"Update Strategy:\t{get(spec, 'updateStrategy.type', '')}")
    bounds = get(spec, "updateStrategy.rollingUpdate", {})
    if bounds.get("partition") is not None:
        page.line(1, f"Partition:\t{bounds['partition']}")
        if bounds.get("maxUnavailable") is not None:
            page.line(1, f"MaxUnavailable:\t{bounds['maxUnavailable']}")
    pods = reader.list(POD, meta.get("namespace", ""), labels=selector)
    page.line(0, f"Pods Status:\t{phases(stateful_set, pods)}")
    write_template(page, spec.get("template"))
    _write_claims(page, spec.get("volumeClaimTemplates") or ())
    write_events(page, reader.events(stateful_set))


def _write_claims(page: Page, claims: Sequence[Object]) -> None:
    page.line(0, "Volume Claims:" if claims else "Volume Claims:\t<none>")
    for claim in claims:
        meta, spec = claim.get("metadata") or {}, claim.get("spec") or {}
        page.line(1, f"Name:\t{meta.get('name', '')}")
        page.line(1, f"StorageClass:\t{class_of(claim)}")
        write_labels(page, "Labels", meta.get("labels"), "  ")
        write_annotations(page, meta.get("annotations"), "  ")
        asked = get(spec, "resources.requests", {}).get("storage")
        shown = "<default>" if asked is None else amount(asked)
        page.line(1, f"Capacity:\t{shown}")
        page.line(1, f"Access Modes:\t[{' '.join(spec.get('accessModes') or ())}]")

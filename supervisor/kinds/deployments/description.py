"""`describe deployment`.

Follows kubectl/pkg/describe/describe.go (describeDeployment).
"""

from collections.abc import Sequence

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    controller_of,
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import REPLICA_SET
from supervisor.kinds.pods.description import write_template
from supervisor.kinds.workloads import revisions, selecting
from supervisor.kinds.workloads.columns import selector_text
from supervisor.kinds.workloads.description import write_conditions
from supervisor.model.meta import Object


def describe(page: Page, deployment: Object, reader: Reader) -> None:
    meta, spec = deployment["metadata"], deployment.get("spec") or {}
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"CreationTimestamp:\t{page.date(meta.get('creationTimestamp'))}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    page.line(0, f"Selector:\t{selector_text(deployment)}")
    page.line(0, f"Replicas:\t{_replicas(deployment)}")
    page.line(0, f"StrategyType:\t{get(spec, 'strategy.type', '')}")
    page.line(0, f"MinReadySeconds:\t{spec.get('minReadySeconds', 0)}")
    if bounds := get(spec, "strategy.rollingUpdate"):
        text = f"{bounds.get('maxUnavailable')} max unavailable, "
        text += f"{bounds.get('maxSurge')} max surge"
        page.line(0, f"RollingUpdateStrategy:\t{text}")
    write_template(page, spec.get("template"))
    write_conditions(page, get(deployment, "status.conditions", ()))
    _write_replica_sets(page, deployment, reader)
    write_events(page, reader.events(deployment))


def _replicas(deployment: Object) -> str:
    shown = [f"{get(deployment, 'spec.replicas', 0)} desired"]
    names = ("updatedReplicas", "replicas", "availableReplicas", "unavailableReplicas")
    words = ("updated", "total", "available", "unavailable")
    for name, word in zip(names, words, strict=True):
        shown.append(f"{get(deployment, f'status.{name}', 0)} {word}")
    return " | ".join(shown)


def _write_replica_sets(page: Page, deployment: Object, reader: Reader) -> None:
    meta = deployment["metadata"]
    labels = selecting.text_of(deployment)
    found = reader.list(REPLICA_SET, meta["namespace"], labels=labels)
    owned = [
        rs for rs in found if (controller_of(rs) or {}).get("uid") == meta.get("uid")
    ]
    if not owned:
        return
    newest = revisions.newest(deployment, owned)
    old = [rs for rs in owned if rs is not newest]
    page.line(0, f"OldReplicaSets:\t{_listed(old)}")
    page.line(0, f"NewReplicaSet:\t{_listed([newest] if newest else [])}")


def _listed(sets: Sequence[Object]) -> str:
    texts = [
        f"{rs['metadata']['name']} ({get(rs, 'status.replicas', 0)}/"
        f"{get(rs, 'spec.replicas', 0)} replicas created)"
        for rs in sets
    ]
    return ", ".join(texts) or "<none>"

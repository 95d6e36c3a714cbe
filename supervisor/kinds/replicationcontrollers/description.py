"""`describe rc`.

Follows kubectl/pkg/describe/describe.go (describeReplicationController).
"""

from collections import Counter
from collections.abc import Sequence

from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    controller_of,
    or_none,
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.pods.description import write_template
from supervisor.model.meta import Object


def describe(
    page: Page, rc: Object, pods: Sequence[Object], events: Sequence[Object] | None
) -> None:
    """Write the controller, the phases of its pods, and its events."""
    meta, spec = rc["metadata"], rc.get("spec") or {}
    status = rc.get("status") or {}
    selector = sorted((spec.get("selector") or {}).items())
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"Selector:\t{or_none(','.join(f'{k}={v}' for k, v in selector))}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    current, desired = status.get("replicas", 0), spec.get("replicas", 1)
    page.line(0, f"Replicas:\t{current} current / {desired} desired")
    page.line(0, f"Pods Status:\t{_phases(rc, pods)}")
    write_template(page, spec.get("template"))
    conditions = status.get("conditions") or ()
    if conditions:
        page.line(0, "Conditions:")
        page.line(1, "Type\tStatus\tReason")
        page.line(1, "----\t------\t------")
    for condition in conditions:
        kind, value = condition.get("type"), condition.get("status")
        page.line(1, f"{kind} \t{value}\t{condition.get('reason', '')}")
    write_events(page, events)


def _phases(rc: Object, pods: Sequence[Object]) -> str:
    uid = rc["metadata"].get("uid")
    owned = [pod for pod in pods if (controller_of(pod) or {}).get("uid") == uid]
    count = Counter((pod.get("status") or {}).get("phase") for pod in owned)
    shown = [("Running", "Running"), ("Pending", "Waiting")]
    shown += [("Succeeded", "Succeeded"), ("Failed", "Failed")]
    return " / ".join(f"{count[phase]} {name}" for phase, name in shown)

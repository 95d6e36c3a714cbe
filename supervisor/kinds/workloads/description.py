"""Parts of `describe` that controllers of pods share.

Follows kubectl/pkg/describe/describe.go.
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
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import POD
from supervisor.kinds.pods.description import write_template
from supervisor.model.meta import Object


def describe_replicas(page: Page, obj: Object, selector: str, reader: Reader) -> None:
    """A ReplicationController or a ReplicaSet; `selector` is its text."""
    meta, spec = obj["metadata"], obj.get("spec") or {}
    status = obj.get("status") or {}
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"Selector:\t{or_none(selector)}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    if owner := controller_of(obj):
        page.line(0, f"Controlled By:\t{owner.get('kind')}/{owner.get('name')}")
    current, desired = status.get("replicas", 0), spec.get("replicas", 1)
    page.line(0, f"Replicas:\t{current} current / {desired} desired")
    pods = reader.list(POD, meta["namespace"], labels=selector)
    page.line(0, f"Pods Status:\t{phases(obj, pods)}")
    write_template(page, spec.get("template"))
    write_conditions(page, status.get("conditions") or ())
    write_events(page, reader.events(obj))


def write_conditions(page: Page, conditions: Sequence[Object]) -> None:
    if not conditions:
        return
    page.line(0, "Conditions:")
    page.line(1, "Type\tStatus\tReason")
    page.line(1, "----\t------\t------")
    for condition in conditions:
        kind, value = condition.get("type"), condition.get("status")
        page.line(1, f"{kind} \t{value}\t{condition.get('reason', '')}")


def phases(owner: Object, pods: Sequence[Object]) -> str:
    """How many of the owner's pods are in each phase."""
    uid = owner["metadata"].get("uid")
    owned = [pod for pod in pods if (controller_of(pod) or {}).get("uid") == uid]
    count = Counter((pod.get("status") or {}).get("phase") for pod in owned)
    shown = [("Running", "Running"), ("Pending", "Waiting")]
    shown += [("Succeeded", "Succeeded"), ("Failed", "Failed")]
    return " / ".join(f"{count[phase]} {name}" for phase, name in shown)

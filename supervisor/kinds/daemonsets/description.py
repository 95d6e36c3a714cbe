"""`describe daemonset`.

Follows kubectl/pkg/describe/describe.go (describeDaemonSet).
"""

from supervisor.kinds.columns import get, labels_text
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import POD
from supervisor.kinds.pods.description import write_template
from supervisor.kinds.workloads import selecting
from supervisor.kinds.workloads.description import phases
from supervisor.model.meta import Object

_COUNTS = (
    ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
    ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
    ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
    ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
    ("Number of Nodes Misscheduled", "numberMisscheduled"),
)


def describe(page: Page, daemon_set: Object, reader: Reader) -> None:
    meta, spec = daemon_set["metadata"], daemon_set.get("spec") or {}
    selector = selecting.text_of(daemon_set)
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"Selector:\t{selector}")
    nodes = get(spec, "template.spec.nodeSelector")
    page.line(0, f"Node-Selector:\t{labels_text(nodes)}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    for title, field in _COUNTS:
        page.line(0, f"{title}: {get(daemon_set, f'status.{field}', 0)}")
    pods = reader.list(POD, meta["namespace"], labels=selector)
    page.line(0, f"Pods Status:\t{phases(daemon_set, pods)}")
    write_template(page, spec.get("template"))
    write_events(page, reader.events(daemon_set))

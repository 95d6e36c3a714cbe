"""`describe hpa`.

Follows kubectl/pkg/describe/describe.go (describeHorizontalPodAutoscalerV2), with the
metrics as the table shows them.
"""

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events, write_head
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.horizontalpodautoscalers.columns import reference_of, targets
from supervisor.model.meta import Object


def describe(page: Page, autoscaler: Object, reader: Reader) -> None:
    created = get(autoscaler, "metadata.creationTimestamp")
    write_head(page, autoscaler)
    page.line(0, f"CreationTimestamp:\t{page.date(created)}")
    page.line(0, f"Reference:\t{reference_of(autoscaler)}")
    page.line(0, "Metrics:\t( current / target )")
    for target in targets(autoscaler):
        name, separator, amounts = target.rpartition(": ")
        now, _, wanted = amounts.partition("/")
        share = "  (as a percentage of request)" if wanted.endswith("%") else ""
        head = f"resource {name} on pods{share}" if separator else "metric"
        page.line(1, f"{head}:\t{now} / {wanted}")
    page.line(0, f"Min replicas:\t{get(autoscaler, 'spec.minReplicas', '<unset>')}")
    page.line(0, f"Max replicas:\t{get(autoscaler, 'spec.maxReplicas', 0)}")
    kind = get(autoscaler, "spec.scaleTargetRef.kind", "")
    now = get(autoscaler, "status.currentReplicas", 0)
    wanted = get(autoscaler, "status.desiredReplicas", 0)
    page.line(0, f"{kind} pods:\t{now} current / {wanted} desired")
    write_events(page, reader.events(autoscaler))

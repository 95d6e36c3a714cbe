"""`describe namespace`.

Follows kubectl/pkg/describe/describe.go (describeNamespace, DescribeResourceQuotas,
DescribeLimitRanges).
"""

from collections.abc import Sequence

from supervisor.kinds import limitranges, resourcequotas
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_annotations, write_labels
from supervisor.model.meta import Object


def describe(
    page: Page,
    namespace: Object,
    quotas: Sequence[Object] = (),
    limits: Sequence[Object] = (),
) -> None:
    """The namespace, its quotas and its limit ranges."""
    meta = namespace["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    page.line(0, f"Status:\t{(namespace.get('status') or {}).get('phase', '')}")
    page.line(0, "\nResource Quotas" if quotas else "\nNo resource quota.")
    for quota in quotas:
        page.line(1, f"Name:\t{quota['metadata']['name']}")
        page.line(1, "Resource\tUsed\tHard")
        page.line(1, "--------\t---\t---")
        for row in resourcequotas.rows(quota):
            page.line(1, row)
    if not limits:
        page.line(0, "\nNo LimitRange resource.")
        return
    page.line(0, f"\nResource Limits\n {limitranges.TITLES}\n {limitranges.DASHES}")
    for limit_range in limits:
        for row in limitranges.rows(limit_range):
            page.line(0, f" {row}")

"""`describe namespace`.

Follows kubectl/pkg/describe/describe.go (describeNamespace, DescribeResourceQuotas,
DescribeLimitRanges).
"""

from collections.abc import Iterator, Sequence

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_annotations, write_labels
from supervisor.model.meta import Object

_LIMITS = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
_TITLES = ("Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")


def describe(
    page: Page,
    namespace: Object,
    quotas: Sequence[Object] = (),
    limits: Sequence[Object] = (),
) -> None:
    """The namespace, with its ResourceQuotas and LimitRanges."""
    meta = namespace["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    page.line(0, f"Status:\t{(namespace.get('status') or {}).get('phase', '')}")
    _write_quotas(page, quotas)
    _write_limits(page, limits)


def _write_quotas(page: Page, quotas: Sequence[Object]) -> None:
    if not quotas:
        page.line(0, "\nNo resource quota.")
        return
    page.line(0, "\nResource Quotas")
    for quota in quotas:
        page.line(1, f"Name:\t{quota['metadata']['name']}")
        page.line(1, "Resource\tUsed\tHard")
        page.line(1, "--------\t---\t---")
        used = get(quota, "status.used", {})
        for name, amount in sorted(get(quota, "spec.hard", {}).items()):
            page.line(1, f"{name}\t{used.get(name, 0)}\t{amount}")


def _write_limits(page: Page, limits: Sequence[Object]) -> None:
    if not limits:
        page.line(0, "\nNo LimitRange resource.")
        return
    page.line(0, "\nResource Limits")
    titles = ("Type", "Resource", *_TITLES)
    page.line(1, "\t".join(titles))
    page.line(1, "\t".join("-" * len(title) for title in titles))
    for limit in limits:
        for row in _rows(limit):
            page.line(1, "\t".join(row))


def _rows(limit: Object) -> Iterator[tuple[str, ...]]:
    for item in get(limit, "spec.limits", []):
        names = {name for kind in _LIMITS for name in item.get(kind) or {}}
        for name in sorted(names):
            cells = (str((item.get(kind) or {}).get(name, "-")) for kind in _LIMITS)
            yield str(item.get("type", "")), name, *cells

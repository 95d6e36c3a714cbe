"""`describe namespace`.

Follows kubectl/pkg/describe/describe.go (describeNamespace).
"""

from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_annotations, write_labels
from supervisor.model.meta import Object


def describe(page: Page, namespace: Object) -> None:
    """Write the namespace; quotas and limit ranges are not supported."""
    meta = namespace["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    page.line(0, f"Status:\t{(namespace.get('status') or {}).get('phase', '')}")
    page.line(0, "\nNo resource quota.")
    page.line(0, "\nNo LimitRange resource.")

"""`describe configmap` and `describe secret`; of a secret only the sizes.

Follows kubectl/pkg/describe/describe.go (ConfigMapDescriber, describeSecret).
"""

from collections.abc import Sequence

from supervisor.cli.descriptions.page import Page
from supervisor.cli.descriptions.parts import (
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.model import base64_text
from supervisor.model.meta import Object


def describe_config_map(
    page: Page, config_map: Object, events: Sequence[Object] | None
) -> None:
    _write_head(page, config_map)
    page.line(0, "\nData\n====")
    for key, value in sorted((config_map.get("data") or {}).items()):
        page.line(0, f"{key}:\n----")
        page.line(0, f"{value}\n")
    page.line(0, "\nBinaryData\n====")
    for key, value in sorted((config_map.get("binaryData") or {}).items()):
        page.line(0, f"{key}: {len(base64_text.decode(value))} bytes")
    page.line(0, "")
    if events is not None:
        write_events(page, events)


def describe_secret(page: Page, secret: Object) -> None:
    _write_head(page, secret)
    page.line(0, f"\nType:\t{secret.get('type') or 'Opaque'}")
    page.line(0, "\nData\n====")
    for key, value in sorted((secret.get("data") or {}).items()):
        page.line(0, f"{key}:\t{len(base64_text.decode(value))} bytes")


def _write_head(page: Page, obj: Object) -> None:
    meta = obj["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))

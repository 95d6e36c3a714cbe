"""Sections shared by several kinds: labels, annotations, events.

Follows kubectl/pkg/describe/describe.go.
"""

from collections.abc import Mapping, Sequence

from supervisor.kinds.describing.page import Page
from supervisor.model.meta import Object

_MAX_ANNOTATION_LENGTH = 140
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def write_labels(
    page: Page, title: str, labels: Mapping[str, str] | None, indent: str = ""
) -> None:
    """Write one `key=value` per line after the title, or `<none>`."""
    lines = [f"{key}={value}" for key, value in sorted((labels or {}).items())]
    write_rows(page, title, lines, indent)


def write_rows(page: Page, title: str, rows: Sequence[str], indent: str = "") -> None:
    """Write one row per line after the title, or `<none>`."""
    first, *more = rows or ["<none>"]
    page.line(0, f"{indent}{title}:\t{first}")
    for row in more:
        page.line(0, f"{indent}\t{row}")


def write_annotations(
    page: Page, annotations: Mapping[str, str] | None, indent: str = ""
) -> None:
    """Write annotations; long values are on separate lines."""
    rows: list[str] = []
    for key, value in sorted((annotations or {}).items()):
        if key == _LAST_APPLIED:
            continue
        value = value.removesuffix("\n")
        if len(key) + len(value) + 2 > _MAX_ANNOTATION_LENGTH or "\n" in value:
            rows.append(f"{key}:")
            rows += [f"  {_shortened(line)}" for line in value.split("\n")]
        else:
            rows.append(f"{key}: {value}")
    write_rows(page, "Annotations", rows, indent)


def write_tolerations(
    page: Page, tolerations: Sequence[Object] | None, indent: str = ""
) -> None:
    chosen = sorted(tolerations or (), key=lambda t: t.get("key") or "")
    write_rows(page, "Tolerations", [_toleration(t) for t in chosen], indent)


def write_head(page: Page, obj: Object) -> None:
    """Write name, namespace, labels and annotations."""
    meta = obj["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))


def write_events(page: Page, events: Sequence[Object] | None) -> None:
    """Write the table of events, unless `events` is None."""
    if events is None:
        return
    if not events:
        page.line(0, "Events:\t<none>")
        return
    page.flush()
    page.line(0, "Events:")
    page.line(1, "Type\tReason\tAge\tFrom\tMessage")
    page.line(1, "----\t------\t----\t----\t-------")
    for event in sorted(events, key=lambda e: e.get("lastTimestamp") or ""):
        source = (event.get("source") or {}).get("component")
        source = source or event.get("reportingComponent") or ""
        message = str(event.get("message") or "").strip()
        head = f"{event.get('type')}\t{event.get('reason')}\t{interval(page, event)}"
        page.line(1, f"{head}\t{source}\t{message}")


def interval(page: Page, event: Object) -> str:
    """The age of an event: `5s`, or `5s (x3 over 2m)`."""
    first = page.since(event.get("eventTime") or event.get("firstTimestamp"))
    series = event.get("series")
    if series:
        last, count = page.since(series.get("lastObservedTime")), series.get("count")
        return f"{last} (x{count} over {first})"
    if (event.get("count") or 0) > 1:
        last = page.since(event.get("lastTimestamp"))
        return f"{last} (x{event['count']} over {first})"
    return first


def controller_of(obj: Object) -> Object | None:
    """The ownerReference of the object's controller, or None."""
    owners: list[Object] = obj["metadata"].get("ownerReferences") or []
    return next((owner for owner in owners if owner.get("controller")), None)


def or_none(text: str) -> str:
    return text or "<none>"


def _toleration(toleration: Object) -> str:
    text = str(toleration.get("key") or "")
    if toleration.get("value"):
        text += f"={toleration['value']}"
    if toleration.get("effect"):
        text += f":{toleration['effect']}"
    if toleration.get("operator") == "Exists" and not toleration.get("value"):
        text += " op=Exists" if text else "op=Exists"
    if toleration.get("tolerationSeconds") is not None:
        text += f" for {toleration['tolerationSeconds']}s"
    return text


def _shortened(line: str) -> str:
    longest = _MAX_ANNOTATION_LENGTH - 2
    return f"{line[:longest]}..." if len(line) > longest else line

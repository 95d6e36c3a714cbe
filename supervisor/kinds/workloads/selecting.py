"""The label selector in `spec.selector`: as a value, as text, and its rules.

Follows pkg/apis/apps/validation/validation.go.
"""

from typing import Any

import msgspec

from supervisor.model import label_selector, selectors
from supervisor.model.equality import same
from supervisor.model.errors import invalid, required
from supervisor.model.label_selector import LabelSelector
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, report
from supervisor.model.validation.report import Errors

_PATH = "spec.selector"


def selector_of(obj: Object) -> selectors.LabelSelector:
    """What `spec.selector` selects. Raises ValueError for one that is not valid."""
    given = (obj.get("spec") or {}).get("selector")
    return of(given)


def of(given: Any) -> selectors.LabelSelector:
    """What a label selector in JSON selects; nothing, if there is none."""
    try:
        return label_selector.to_selector(msgspec.convert(given, LabelSelector | None))
    except (msgspec.ValidationError, KeyError) as error:
        raise ValueError(f"not a label selector: {error}") from None


def text_of(obj: Object) -> str:
    """`spec.selector` in the syntax of queries; empty if there is no valid one."""
    given = (obj.get("spec") or {}).get("selector")
    try:
        return "" if given is None else str(of(given))
    except ValueError:
        return ""


def check(spec: Object, kind: str) -> Errors:
    """It must be given, and must not match everything."""
    given = spec.get("selector")
    if given is None:
        yield required(_PATH)
        return
    yield from label_selectors.check(given, _PATH)
    yield from check_not_empty(given, kind)


def check_not_empty(given: Object | None, kind: str) -> Errors:
    if given is None or given.get("matchLabels") or given.get("matchExpressions"):
        return
    yield invalid(_PATH, given, f"empty selector is invalid for {kind}")


def check_update(new: Object, old: Object) -> Errors:
    before, after = (obj.get("spec") or {} for obj in (old, new))
    if not same(before.get("selector"), after.get("selector")):
        yield invalid(_PATH, after.get("selector"), report.IMMUTABLE)


def take_labels(obj: Object, labels: dict[str, str]) -> None:
    """Select `labels` where nothing is selected, as older versions do."""
    spec = obj.setdefault("spec", {})
    if labels and spec.get("selector") is None:
        spec["selector"] = {"matchLabels": dict(labels)}


def usable(spec: Object) -> selectors.LabelSelector | None:
    """The selector, for further checks; None for one that is wrong."""
    given = spec.get("selector")
    if next(label_selectors.check(given, _PATH), None) is not None:
        return None
    return of(given)

"""Label selectors inside objects, and the requirements that they share with others.

Follows apimachinery/pkg/apis/meta/v1/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import forbidden_field, invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_NEED_VALUES = "must be specified when `operator` is 'In' or 'NotIn'"
_NO_VALUES = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"


def check(selector: Object | None, path: str) -> Errors:
    """What is wrong with a selector; an absent one is not wrong."""
    if selector is None:
        return
    yield from report.labels(f"{path}.matchLabels", selector.get("matchLabels"))
    for place, requirement in enumerate(selector.get("matchExpressions") or []):
        yield from _requirement(requirement, f"{path}.matchExpressions[{place}]")


def _requirement(requirement: Object, path: str) -> Errors:
    yield from operator_and_values(requirement, path)
    key = requirement.get("key") or ""
    yield from report.each(f"{path}.key", key, names.qualified(key))
    yield from label_values(requirement, path)


def operator_and_values(requirement: Object, path: str) -> Errors:
    """Of In, NotIn, Exists and DoesNotExist; no other operator is known."""
    operator, values = requirement.get("operator"), requirement.get("values") or []
    match operator:
        case "In" | "NotIn":
            if not values:
                yield required(f"{path}.values", _NEED_VALUES)
        case "Exists" | "DoesNotExist":
            if values:
                yield forbidden_field(f"{path}.values", _NO_VALUES)
        case _:
            detail = "not a valid selector operator"
            yield invalid(f"{path}.operator", operator or "", detail)


def label_values(requirement: Object, path: str) -> Errors:
    for place, value in enumerate(requirement.get("values") or []):
        field = f"{path}.values[{place}]"
        yield from report.each(field, value, names.label_value(value))

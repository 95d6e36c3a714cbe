"""Label selectors as objects write them: matchLabels and matchExpressions.

Rules
- An empty selector matches everything; one that is absent matches nothing.

Follows apimachinery/pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector).
"""

from collections.abc import Iterable

from supervisor.model import selectors
from supervisor.model.meta import Value, build
from supervisor.model.selectors import Requirement

NOTHING = selectors.LabelSelector((Requirement("", "in"),))
"""The selector that matches no object."""

_OPERATORS = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
    "Gt": "gt",
    "Lt": "lt",
}


class LabelSelectorRequirement(Value, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(Value, frozen=True):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()


def to_selector(given: LabelSelector | None) -> selectors.LabelSelector:
    """What `given` selects."""
    if given is None:
        return NOTHING
    labels = selectors.from_map(given.match_labels).requirements
    written = (
        to_requirement(r.key, r.operator, r.values) for r in given.match_expressions
    )
    return selectors.LabelSelector((*labels, *written))


def to_requirement(key: str, operator: str, values: Iterable[str]) -> Requirement:
    """A requirement from the words that objects use: In, NotIn, Exists, …"""
    return Requirement(key, _OPERATORS[operator], tuple(values))


build(globals())

"""Whether two pieces of JSON mean the same.

Rules
- What is null, empty or absent is the same: upstream's types cannot tell them apart.
- Zero and false are values of their own.

Follows apimachinery/pkg/api/equality/semantic.go.
"""

from typing import Any

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def same(one: Any, other: Any) -> bool:
    return bool(_stripped(one) == _stripped(other))


def _stripped(value: Any) -> Any:
    """`value` less every member that says nothing."""
    if isinstance(value, dict):
        members = ((k, _stripped(v)) for k, v in value.items())
        return {k: v for k, v in members if not _is_empty(v)}
    if isinstance(value, list):
        return [_stripped(v) for v in value]
    return value


def _is_empty(value: Any) -> bool:
    # `0 == False` and `0 in (…)` would confuse numbers; those are never empty.
    return not isinstance(value, (bool, int, float)) and value in _EMPTY

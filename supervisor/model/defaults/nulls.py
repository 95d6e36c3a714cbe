"""Nulls count as absent, as upstream reads them."""

from typing import Any


def drop_nulls(value: Any) -> None:
    """Remove every null member of `value`, in place."""
    if isinstance(value, dict):
        for key in [k for k, v in value.items() if v is None]:
            del value[key]
        for member in value.values():
            drop_nulls(member)
    elif isinstance(value, list):
        for member in value:
            drop_nulls(member)

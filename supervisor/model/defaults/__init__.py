"""What the parts of an object say that its user left unsaid.

Rules
- All functions change the object in place; they are idempotent.
- Defaults come before validation, so validation sees complete objects.

The defaults of whole objects are with their kinds, in `supervisor/kinds`.
Follows pkg/apis/core/v1/defaults.go.
"""

from supervisor.model.defaults.nulls import drop_nulls
from supervisor.model.defaults.pulls import (
    STRICT_PULL,
    keep_strict,
    mark_strict_pod,
    mark_strict_template,
)
from supervisor.model.defaults.tolerations import add_default_tolerations

__all__ = [
    "STRICT_PULL",
    "add_default_tolerations",
    "drop_nulls",
    "keep_strict",
    "mark_strict_pod",
    "mark_strict_template",
]

"""What an object says that its user left unsaid, and what a user may not say.

Rules
- All functions change the object in place; they are idempotent.
- Defaults come before validation, so validation sees complete objects.
- Whoever writes spec does not write status, and the other way round.

Follows pkg/apis/core/v1/defaults.go and the strategies of pkg/registry/core.
"""

from supervisor.model.defaults.nulls import drop_nulls
from supervisor.model.defaults.objects import apply
from supervisor.model.defaults.pulls import STRICT_PULL, mark_strict
from supervisor.model.defaults.strategy import (
    prepare_create,
    prepare_status_update,
    prepare_update,
)
from supervisor.model.defaults.tolerations import tolerate_loss

__all__ = [
    "STRICT_PULL",
    "apply",
    "drop_nulls",
    "mark_strict",
    "prepare_create",
    "prepare_status_update",
    "prepare_update",
    "tolerate_loss",
]

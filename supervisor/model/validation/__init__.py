"""What is wrong with an object, in upstream's words.

Rules
- Checks come after defaults and after the types: what stands here is about meaning.
- Everything wrong is told at once, each thing with the path of its field.
- No check changes the object.

Follows pkg/apis/core/validation/validation.go.
"""

from supervisor.model.validation.objects import (
    on_create,
    on_status_update,
    on_update,
    warnings,
)
from supervisor.model.validation.pods import check_binding as on_bind
from supervisor.model.validation.replicationcontrollers import check_scale as on_scale

__all__ = [
    "on_bind",
    "on_create",
    "on_scale",
    "on_status_update",
    "on_update",
    "warnings",
]

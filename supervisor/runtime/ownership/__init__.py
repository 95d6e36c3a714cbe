"""One store's ownership of one engine: acquire it, keep it, and notice its loss."""

from supervisor.runtime.ownership.decision import (
    ANY_OWNER,
    Claimant,
    Step,
    decide,
    title,
)
from supervisor.runtime.ownership.ownership import (
    CONFIRM_SECONDS,
    HANDOVER_SECONDS,
    VALID_SECONDS,
    NotOwner,
    Ownership,
)

__all__ = [
    "ANY_OWNER",
    "CONFIRM_SECONDS",
    "HANDOVER_SECONDS",
    "VALID_SECONDS",
    "Claimant",
    "NotOwner",
    "Ownership",
    "Step",
    "decide",
    "title",
]

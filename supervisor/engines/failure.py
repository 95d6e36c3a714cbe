"""Why an engine has no agent. Pure."""

from dataclasses import dataclass

from supervisor.runtime.base.claims import Claim

UNAVAILABLE = "EngineUnavailable"
TOO_OLD = "EngineTooOld"
BAD_ENDPOINT = "BadEndpoint"
TAKEN = "EngineTaken"
"""Another node of this daemon has the engine."""
CLAIMED = "EngineClaimed"
"""Another store owns the engine."""
TAKING_OVER = "TakingOver"
"""The engine is ours, but its previous owner may still act."""


@dataclass(frozen=True)
class Failure:
    phase: str
    """For the status of the Engine: Connecting, or Refused if a retry hardly helps."""
    reason: str
    """One word, for conditions and events."""
    message: str
    owner: Claim | None = None
    """The claim of the store that owns the engine, if that is the reason."""

    def __str__(self) -> str:
        return self.message


class CannotConnect(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

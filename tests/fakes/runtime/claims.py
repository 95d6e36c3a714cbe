"""The claim on the fake engine."""

from dataclasses import replace

from supervisor.runtime.base import Claim, ClaimTaken, EngineRefused, NotFound
from tests.fakes.runtime.containers import Now


class FakeClaims:
    """Satisfies runtime.claims.EngineClaims; several runtimes may share one."""

    def __init__(self, clock: Now) -> None:
        self._clock = clock
        self._made = 0
        self.held: Claim | None = None
        self.refusal = ""
        """What the engine says to every new claim; empty: it takes them."""
        self.away: Exception | None = None
        self.asked = 0
        """How often the claim has been read."""

    def read(self) -> Claim | None:
        self._answer()
        self.asked += 1
        return self.held

    def make(self, claim: Claim, *, in_place_of: str = "") -> None:
        self._answer()
        if self.refusal:
            raise EngineRefused(self.refusal)
        if self.held is not None and self.held.id != in_place_of:
            raise ClaimTaken("Conflict. The container name is already in use")
        self._made += 1
        now = self._clock.now()
        self.held = replace(claim, id=f"claim-{self._made}", created_at=now)

    def run(self, claim_id: str) -> None:
        self._answer()
        if self.held is None or self.held.id != claim_id:
            raise NotFound(f"No such container: {claim_id}")
        self.held = replace(self.held, is_running=True)

    def remove(self, claim_id: str) -> None:
        self._answer()
        if self.held is not None and self.held.id == claim_id:
            self.held = None

    def _answer(self) -> None:
        if self.away is not None:
            raise self.away

"""The meter of the fake engine."""

from supervisor.model.usage import Usage
from supervisor.runtime.base import NotFound
from tests.fakes.runtime.state import FakeState


class FakeMeter(FakeState):
    def container_usage(self, container_id: str) -> Usage:
        with self._lock:
            self._answer()
            self._held.going_on(container_id)
            return self.usage

    def machine_usage(self) -> Usage:
        with self._lock:
            self._answer()
            if self.claims.held is None or not self.claims.held.is_running:
                raise NotFound("No such container: claim")
            return self.usage

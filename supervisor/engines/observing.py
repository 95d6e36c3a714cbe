"""Observes what a plan for an engine needs to know.

The Node, and what a removal waits for, are read only in the phases that use them.
"""

from dataclasses import dataclass, replace

from supervisor.client.unreadable import UnreadableReporter
from supervisor.engines.access import Access
from supervisor.engines.accesses import Unusable
from supervisor.engines.failure import Failure
from supervisor.engines.memory import Memory
from supervisor.engines.plan import removing, running
from supervisor.engines.plan.sight import Sight, Situation
from supervisor.engines.shared import COMPONENT, Shared
from supervisor.kinds.identity import ENGINE, NODE
from supervisor.model.engine import CONNECTING, Engine
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object


@dataclass(frozen=True)
class Observed:
    obj: Object
    """The Engine as it is stored."""
    engine: Engine
    sight: Sight
    now: float


class Observer:
    def __init__(self, name: str, shared: Shared, memory: Memory) -> None:
        self._name = name
        self._shared = shared
        self._memory = memory
        self._unreadable = UnreadableReporter(shared.client, COMPONENT)

    def observe(self) -> Observed | None:
        """None if the Engine is gone or cannot be read. Raises ApiError."""
        obj = self._get(ENGINE.resource)
        if obj is None:
            return None
        read = self._unreadable.decode(ENGINE.resource, Engine, obj)
        if read is None:
            return None
        obj, engine = read
        access = self._access(engine)
        now = self._shared.clock.now()
        sight = self._memory.sight(access, now)
        it = Situation(engine, sight, now)
        if running.is_running(it):
            sight = replace(sight, node=self._get(NODE.resource))
        elif removing.is_clearing(it):
            remains = self._shared.removal.remains(self._name, self._memory.agent)
            sight = replace(sight, remains=remains)
        return Observed(obj, engine, sight, now)

    def _access(self, engine: Engine) -> Access | Failure:
        try:
            return self._shared.accesses.of(engine)
        except Unusable as error:
            return Failure(CONNECTING, error.reason, str(error))

    def _get(self, resource: str) -> Object | None:
        try:
            return self._shared.client.get(resource, self._name)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

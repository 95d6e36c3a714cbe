"""Which node of this daemon an engine belongs to: two nodes never share one.

Between daemons the engine itself keeps the record: runtime/claims.py.

Rules
- Whoever connects first has the engine, and keeps it over restarts of the daemon and
  while it is away: the identity is recorded in its Engine.
- Should two have recorded the same engine, the older one has it.
"""

import threading
from collections.abc import Iterable

from supervisor.model.engine import REFUSED, Engine


class Claims:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Node name by identity of the engine, of nodes that are connected.
        self._holders: dict[str, str] = {}

    def take(self, engine: Engine, engine_id: str, others: Iterable[Engine]) -> str:
        """Claim the engine; the name of the node that has it, or empty if it is ours.

        A node has one engine at a time: an earlier claim of it lapses.
        """
        with self._lock:
            holder = self._holders.get(engine_id, engine.name)
            if holder != engine.name:
                return holder
            for other in others:
                if _precedes(other, engine, engine_id):
                    return other.name
            self._forget(engine.name)
            self._holders[engine_id] = engine.name
            return ""

    def release(self, name: str) -> None:
        with self._lock:
            self._forget(name)

    def _forget(self, name: str) -> None:
        for engine_id in [i for i, holder in self._holders.items() if holder == name]:
            del self._holders[engine_id]


def _precedes(other: Engine, engine: Engine, engine_id: str) -> bool:
    """Whether `other`, which is not connected, has the engine all the same."""
    if other.name == engine.name or other.status.engine_id != engine_id:
        return False
    if other.status.phase == REFUSED:
        return False
    return engine.status.engine_id != engine_id or _age(other) < _age(engine)


def _age(engine: Engine) -> tuple[str, str]:
    return engine.metadata.creation_timestamp or "", engine.name

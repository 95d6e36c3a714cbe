"""Reserves engines for the nodes of this daemon: two nodes never share an engine.

Between daemons, the engine itself has the record: runtime/base/claims.py.

Rules
- The node that connects first has the engine. It keeps it while the engine is away and
  when the daemon restarts, because the engine's id is recorded in the Engine.
- If two Engines have recorded the same id, the older one has the engine.
"""

import threading
from collections.abc import Iterable

from supervisor.model.engine import REFUSED, Engine


class Claims:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Node name by id of the engine, for connected nodes.
        self._holders: dict[str, str] = {}

    def take(self, engine: Engine, engine_id: str, others: Iterable[Engine]) -> str:
        """Reserve the engine with this id; returns the node that has it, if not ours.

        A node has one engine at a time: its earlier reservation ends.
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
    """Whether `other` has the engine although it is not connected."""
    if other.name == engine.name or other.status.engine_id != engine_id:
        return False
    if other.status.phase == REFUSED:
        return False
    return engine.status.engine_id != engine_id or _age(other) < _age(engine)


def _age(engine: Engine) -> tuple[str, str]:
    return engine.metadata.creation_timestamp or "", engine.name

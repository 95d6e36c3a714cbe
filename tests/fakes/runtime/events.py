"""The event stream of the fake engine."""

import queue
from collections.abc import Iterator

from supervisor.runtime.base import RuntimeEvent, RuntimeFailure


class FakeEvents:
    """Events put in by the engine, until `end`."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[RuntimeEvent | RuntimeFailure | None]
        self._queue = queue.SimpleQueue()

    def put(self, event: RuntimeEvent) -> None:
        self._queue.put(event)

    def end(self, failure: RuntimeFailure | None) -> None:
        self._queue.put(failure)

    def close(self) -> None:
        self._queue.put(None)

    def __iter__(self) -> Iterator[RuntimeEvent]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, RuntimeFailure):
                raise item
            yield item

"""Answers to probes as a test scripts them, given in the caller's thread."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from supervisor.model.pod import Container, Probe
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.reach import PodAddress

WELL = Attempt(Outcome.SUCCESS)


@dataclass(frozen=True)
class Asked:
    container: str
    container_id: str
    at: float


class FakeAsker:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.asked: list[Asked] = []
        #: What the next attempts at a container find, in order; then all is well.
        self.script: defaultdict[str, list[Attempt]] = defaultdict(list)
        #: While set, attempts do not end until `answer_all`.
        self.hanging = False
        self._waiting: list[tuple[str, Callable[[Attempt], None]]] = []

    def ask(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        address: PodAddress,
        done: Callable[[Attempt], None],
    ) -> None:
        self.asked.append(Asked(container.name, container_id, self._now()))
        if self.hanging:
            self._waiting.append((container.name, done))
        else:
            done(self._next(container.name))

    def answer_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        for name, done in waiting:
            done(self._next(name))

    def _next(self, container: str) -> Attempt:
        script = self.script[container]
        return script.pop(0) if script else WELL

    def close(self) -> None:
        return

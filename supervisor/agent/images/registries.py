"""Registries that do not answer this node's engine: noted by pulls, shown on the node.

Rules
- A registry counts as silent for 5 min after it did not answer, or until it answers a
  pull. After that it is in doubt until it has been asked again, which those who have
  the image locally do not wait for.
- The node shows its silent registries in an annotation, so that pods are placed where
  their images are already. An empty list is no annotation.
"""

import threading
from collections.abc import Callable

from supervisor.machinery.clock import Clock
from supervisor.model.images import UNREACHABLE_REGISTRIES, registry
from supervisor.model.meta import Object

_SILENCE_SECONDS = 300.0


class Registries:
    """`changed()` is called when a registry falls silent, or answers after all."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._lock = threading.Lock()
        #: Until when each registry that did not answer is not asked again. Kept until
        #: it answers.
        self._silent: dict[str, float] = {}

    def is_silent(self, image: str) -> bool:
        """Whether the registry of `image` has lately not answered."""
        return registry(image) in self.silent()

    def is_in_doubt(self, image: str) -> bool:
        """Whether the registry of `image` was silent and has not been asked since."""
        with self._lock:
            until = self._silent.get(registry(image))
        return until is not None and until <= self._clock.now()

    def silent(self) -> list[str]:
        """All registries that have lately not answered, in order."""
        now = self._clock.now()
        with self._lock:
            return sorted(name for name, until in self._silent.items() if now < until)

    def no_answer(self, image: str) -> None:
        """Note that the registry of `image` did not answer."""
        with self._lock:
            until = self._clock.now() + _SILENCE_SECONDS
            self._silent[registry(image)] = until
        self._changed()

    def answered(self, image: str) -> None:
        """Note that the registry of `image` has answered."""
        with self._lock:
            was_silent = self._silent.pop(registry(image), None)
        if was_silent is not None:
            self._changed()


def annotation(node: Object, silent: list[str]) -> Object | None:
    """The merge patch that has the node say so; None if it does already."""
    wanted = ",".join(silent) or None
    held = (node["metadata"].get("annotations") or {}).get(UNREACHABLE_REGISTRIES)
    if held == wanted:
        return None
    return {"metadata": {"annotations": {UNREACHABLE_REGISTRIES: wanted}}}

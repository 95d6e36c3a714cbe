"""The instances of one container: what ran, what runs, what died.

Rules
- The engine is the witness: labels of dead containers tell restart count and backoff.
- A stillborn instance was created and then never told to start, since somebody died in
  between. It counts for nothing.
- An instance whose start the engine refused has died at its creation.
- An instance that the last status knows and the engine does not has vanished, which is
  a death with exit code 137.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from supervisor.model.pod import ContainerStatus
from supervisor.runtime.base import BACKOFF_STEP, ObservedContainer, State

VANISHED_EXIT_CODE = 137


def is_stillborn(instance: ObservedContainer) -> bool:
    refused = bool(instance.error or instance.exit_code)
    return instance.state is State.CREATED and not refused


def is_dead(instance: ObservedContainer) -> bool:
    return instance.state is not State.RUNNING and not is_stillborn(instance)


def finished_at(instance: ObservedContainer) -> float:
    """When a dead instance died; one that never ran died when it was created."""
    return instance.finished_at or instance.created_at


def backoff_step(instance: ObservedContainer) -> int:
    text = instance.labels.get(BACKOFF_STEP, "0")
    return int(text) if text.isdecimal() else 0


@dataclass(frozen=True)
class History:
    """`instances` newest first; `reported` is what the last status said."""

    instances: Sequence[ObservedContainer]
    reported: ContainerStatus | None = None

    @cached_property
    def counted(self) -> tuple[ObservedContainer, ...]:
        return tuple(i for i in self.instances if not is_stillborn(i))

    @cached_property
    def stillborn(self) -> tuple[ObservedContainer, ...]:
        return tuple(i for i in self.instances if is_stillborn(i))

    @cached_property
    def running(self) -> ObservedContainer | None:
        """The newest instance that runs."""
        alive = (i for i in self.counted if i.state is State.RUNNING)
        return next(alive, None)

    @cached_property
    def doubles(self) -> tuple[ObservedContainer, ...]:
        """Older instances that run beside the newest one."""
        alive = tuple(i for i in self.counted if i.state is State.RUNNING)
        return alive[1:]

    @cached_property
    def dead(self) -> tuple[ObservedContainer, ...]:
        return tuple(i for i in self.counted if is_dead(i))

    @property
    def newest(self) -> ObservedContainer | None:
        return self.counted[0] if self.counted else None

    @property
    def newest_is_reported(self) -> bool:
        """Whether the last status was made when the newest instance was there."""
        newest, before = self.newest, self.reported
        if newest is None or before is None:
            return False
        return before.container_id.removeprefix("docker://") == newest.id

    @property
    def vanished(self) -> bool:
        """It has run once, and nothing of it is left here."""
        return not self.counted and bool(self.reported and self.reported.container_id)

    @property
    def exit_code(self) -> int | None:
        """Of the container's last life; None when it runs or never ran."""
        if self.running is not None:
            return None
        if self.newest is not None:
            return self.newest.exit_code
        if not self.vanished or self.reported is None:
            return None
        ended = self.reported.state.terminated
        return ended.exit_code if ended else VANISHED_EXIT_CODE

    @property
    def next_attempt(self) -> int:
        """The restart count of the next instance: above all that are known."""
        known = [i.attempt for i in self.counted]
        if self.reported is not None and self.reported.container_id:
            known.append(self.reported.restart_count)
        return max(known, default=-1) + 1

"""When pods that fitted nowhere are tried again.

Rules
- After five minutes, whatever happens or does not happen, and together with those who
  would be tried within the next minute.
- Before that only after a change that may help this pod (changes.py), and not sooner
  than a pause after the last try: 1 s, doubling up to 10 s. A change during the pause
  is not forgotten.
- A change of the pod itself counts for that pod alone.

Follows pkg/scheduler/backend/queue/scheduling_queue.go.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from supervisor.controllers.scheduling.changes import ALL, NONE, Changes
from supervisor.machinery import backoff
from supervisor.model.pod import Pod

AT_LATEST_SECONDS = 300.0
_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 1.0, 10.0
_TOGETHER_SECONDS = 60.0
"""Each look reads all pods, so many that are refused must not make many looks."""


@dataclass(frozen=True)
class Refusal:
    """The last try of a pod that fitted nowhere."""

    tries: int
    at: float
    seen: object
    """What the pod said of itself."""
    helps: Changes = ALL
    """What may make it fit."""
    changed: bool = False
    """Something that may help has happened since."""

    @property
    def due_at(self) -> float:
        if not self.changed:
            return self.at + AT_LATEST_SECONDS
        pause = backoff.delay(
            self.tries, first=_FIRST_PAUSE_SECONDS, maximum=_MAX_PAUSE_SECONDS
        )
        return self.at + pause


class Retries:
    def __init__(self) -> None:
        #: The pods that fit nowhere, by uid.
        self._refusals: dict[str, Refusal] = {}

    def keep(self, waiting: Container[str]) -> None:
        """Forget pods that wait no longer."""
        kept = {u: r for u, r in self._refusals.items() if u in waiting}
        self._refusals = kept

    @property
    def wanted(self) -> Changes:
        """All changes that may help somebody."""
        return NONE.union(*{refusal.helps for refusal in self._refusals.values()})

    def something_changed(self, changes: Changes) -> None:
        for uid, refusal in self._refusals.items():
            if not refusal.changed and refusal.helps & changes:
                self._refusals[uid] = replace(refusal, changed=True)

    def are_due(self, now: float) -> bool:
        """Whether any pod is to be tried now, if none of them has changed."""
        due_at = self.next_at()
        return due_at is not None and due_at <= now

    def is_due(self, pod: Pod, now: float) -> bool:
        return bool(self.due([pod], now))

    def due(self, pods: Iterable[Pod], now: float) -> list[Pod]:
        """Those that are to be tried now; notes which of them have changed."""
        soon = now + _TOGETHER_SECONDS if self.are_due(now) else now
        return [pod for pod in pods if self._is_due(pod, now, soon)]

    def _is_due(self, pod: Pod, now: float, soon: float) -> bool:
        uid = pod.metadata.uid
        refusal = self._refusals.get(uid)
        if refusal is None:
            return True
        if refusal.seen != _seen(pod):
            refusal = self._refusals[uid] = replace(refusal, changed=True)
        return refusal.due_at <= (now if refusal.changed else soon)

    def refused(self, pod: Pod, now: float, helps: Changes = ALL) -> None:
        uid = pod.metadata.uid
        before = self._refusals.get(uid)
        tries = before.tries + 1 if before else 1
        self._refusals[uid] = Refusal(tries, now, _seen(pod), helps)

    def next_at(self) -> float | None:
        """When the next pod is due, if any is refused."""
        return min((r.due_at for r in self._refusals.values()), default=None)


def _seen(pod: Pod) -> object:
    """What of a pod, if changed, may make it fit."""
    return (pod.spec, pod.metadata.labels)

"""When pods that fitted nowhere are tried again.

Rules
- After five minutes, whatever happens or does not happen.
- Before that only when something has changed that may help, and not sooner than a pause
  after the last try: 1 s, doubling up to 10 s. A change during the pause is not
  forgotten.
- A change of the pod itself counts for that pod alone.

Follows pkg/scheduler/backend/queue/scheduling_queue.go.
"""

from collections.abc import Container
from dataclasses import dataclass, replace

from supervisor.machinery import backoff
from supervisor.model.pod import Pod

AT_LATEST_SECONDS = 300.0
_FIRST_PAUSE_SECONDS, _MOST_PAUSE_SECONDS = 1.0, 10.0


@dataclass(frozen=True)
class Refusal:
    """The last try of a pod that fitted nowhere."""

    tries: int
    at: float
    seen: object
    """What the pod said of itself."""
    changed: bool = False
    """Something that may help has happened since."""

    @property
    def due_at(self) -> float:
        if not self.changed:
            return self.at + AT_LATEST_SECONDS
        pause = backoff.delay(
            self.tries, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS
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

    def something_changed(self) -> None:
        for uid, refusal in self._refusals.items():
            self._refusals[uid] = replace(refusal, changed=True)

    def is_due(self, pod: Pod, now: float) -> bool:
        """Whether the pod is to be tried now; notes it if the pod has changed."""
        uid = pod.metadata.uid
        refusal = self._refusals.get(uid)
        if refusal is None:
            return True
        if refusal.seen != _seen(pod):
            refusal = self._refusals[uid] = replace(refusal, changed=True)
        return refusal.due_at <= now

    def refused(self, pod: Pod, now: float) -> None:
        uid = pod.metadata.uid
        before = self._refusals.get(uid)
        tries = before.tries + 1 if before else 1
        self._refusals[uid] = Refusal(tries, now, _seen(pod))

    def next_at(self) -> float | None:
        """When the next pod is due, if any is refused."""
        return min((r.due_at for r in self._refusals.values()), default=None)


def _seen(pod: Pod) -> object:
    """What of a pod, if changed, may make it fit."""
    return (pod.spec, pod.metadata.labels)

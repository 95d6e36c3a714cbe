"""Remove pods that nobody else will: of lost nodes, of long ago, deleted but unplaced.

Rules
- A pod whose node has no Node object goes after a quarantine: the node may be about to
  register. It is marked Failed first if it was running, and goes without grace, since
  no agent is left to confirm its end.
- Finished pods stay for their logs; beyond a number the oldest go.
- A pod that is being deleted and has no node has nobody to stop it, and goes.

Follows pkg/controller/podgc/gc_controller.go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from supervisor.client.base import Client, DeleteOptions, PatchType, WatchEvent
from supervisor.client.unreadable import UnreadableReporter
from supervisor.controllers.attempts import Attempts, named
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.reading import all_typed
from supervisor.kinds.identity import NODE, POD
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.pod import Pod

PERIOD_SECONDS = 20.0
QUARANTINE_SECONDS = 40.0
MAX_FINISHED = 12_500
_NODE_GONE = "PodGC: node no longer exists"


@dataclass(frozen=True)
class Remove:
    namespace: str
    name: str
    uid: str
    fail_first: bool
    because: str


def keys_for(_event: WatchEvent) -> Iterable[str]:
    """None: the period is short enough, and the quarantine needs it anyway."""
    return []


def plan(
    pods: Sequence[Pod], missing_since: Mapping[str, float], now: float, *, most: int
) -> list[Remove]:
    """Which of `pods` to remove.

    `missing_since` says since when which node has been found to have no Node object.
    """
    finished = [pod for pod in pods if pod.is_finished]
    finished.sort(key=lambda pod: pod.metadata.creation_timestamp or "")
    surplus = {pod.metadata.uid for pod in finished[: max(0, len(finished) - most)]}
    todo = []
    for pod in pods:
        lost_at = missing_since.get(pod.spec.node_name)
        if lost_at is not None and now - lost_at >= QUARANTINE_SECONDS:
            todo.append(_remove(pod, _NODE_GONE, fail_first=not pod.is_finished))
        elif pod.metadata.uid in surplus:
            todo.append(_remove(pod, f"more than {most} finished pods"))
        elif pod.metadata.deletion_timestamp and not pod.spec.node_name:
            todo.append(_remove(pod, "it is being deleted and has no node"))
    return todo


def _remove(pod: Pod, because: str, *, fail_first: bool = False) -> Remove:
    meta = pod.metadata
    return Remove(meta.namespace, meta.name, meta.uid, fail_first, because)


class PodGc:
    """The rule `pod-gc`."""

    name = "pod-gc"
    resources: tuple[str, ...] = ()
    first_keys = (EVERYTHING,)

    def __init__(
        self, client: Client, clock: Clock, *, most_finished: int = MAX_FINISHED
    ) -> None:
        self._client = client
        self._clock = clock
        self._most_finished = most_finished
        self._telling = UnreadableReporter(client, self.name)
        #: Since when each named node has had no Node object; after a restart the
        #: quarantine begins again.
        self._missing_since: dict[str, float] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, _key: str) -> float | None:
        now = self._clock.now()
        pods = all_typed(Pod, self._client.list(POD.resource).items)
        # Nodes are read after the pods: a pod is bound only to a node that exists.
        listed = self._client.list(NODE.resource)
        nodes = {node["metadata"]["name"] for node in listed.items}
        damaged = {name for _, name in listed.unreadable}
        missing = {pod.spec.node_name for pod in pods} - nodes - damaged - {""}
        known = self._missing_since
        self._missing_since = {name: known.get(name, now) for name in missing}
        attempt = Attempts(self._telling)
        for action in plan(pods, self._missing_since, now, most=self._most_finished):
            pod = named(POD.resource, action.namespace, action.name, action.uid)
            if action.fail_first:
                attempt(POD.resource, pod, partial(self._mark_failed, action, now))
            attempt(POD.resource, pod, partial(self._remove, action))
        attempt.finish()
        return now + PERIOD_SECONDS

    def _remove(self, action: Remove) -> None:
        options = DeleteOptions(grace_period_seconds=0, uid=action.uid)
        self._client.delete(POD.resource, action.name, action.namespace, options)

    def _mark_failed(self, action: Remove, now: float) -> None:
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "lastTransitionTime": times.to_text(now),
            "reason": "DeletionByPodGC",
            "message": action.because,
        }
        status = {"phase": "Failed", "conditions": [condition]}
        self._client.patch(
            POD.resource,
            action.name,
            action.namespace,
            {"metadata": {"uid": action.uid}, "status": status},
            PatchType.STRATEGIC,
            subresource="status",
        )

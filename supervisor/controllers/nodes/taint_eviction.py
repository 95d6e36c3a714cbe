"""Delete the pods that a NoExecute taint drives from their node.

Rules
- A pod goes when the first taint that it tolerates for a time has stood that long, and
  at once for a taint that it does not tolerate. The time counts from the taint's
  `timeAdded`, so that a restart of the daemon goes on where it was; for taints without
  one, from when they were seen here.
- A deletion is an ordinary one, with the pod's own grace: on a lost node nobody can
  confirm it, and the pod stays Terminating until the node is back or is removed.
- Taints of lost nodes evict nobody in the daemon's first seconds: those that stand from
  before a restart may be of nodes that are back.

Follows pkg/controller/tainteviction/taint_eviction.go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from supervisor.client.base import Client, DeleteOptions, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.unreadable import UnreadableReporter
from supervisor.controllers.attempts import Attempts
from supervisor.controllers.reading import typed
from supervisor.kinds.identity import NODE, POD
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.failover import Failover
from supervisor.model.kinds import Node, Taint
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.model.taints import LOST, NO_EXECUTE, tolerated_seconds

_TRUNCATED_SECONDS = 1.0
_MESSAGE = "Taint manager: deleting due to NoExecute taint"


@dataclass(frozen=True)
class Standing:
    """A NoExecute taint, and since when it stands."""

    taint: Taint
    since: float


@dataclass(frozen=True)
class Evict:
    uid: str
    namespace: str
    name: str
    because: str


@dataclass(frozen=True)
class Plan:
    actions: tuple[Evict, ...] = ()
    due: Mapping[str, float] = field(default_factory=dict)
    """When each pod that may still stay has to go, by uid."""


def plan(
    pods: Sequence[Pod], taints: Sequence[Standing], now: float, *, not_before: float
) -> Plan:
    """`not_before` is when taints of lost nodes first count."""
    actions, due = [], {}
    for pod in pods:
        meta = pod.metadata
        if meta.deletion_timestamp:
            continue
        goes = [(_goes_at(pod, t, not_before), t.taint.key) for t in taints]
        timed = [(at, key) for at, key in goes if at is not None]
        if not timed:
            continue
        at, key = min(timed)
        if at <= now:
            actions.append(Evict(meta.uid, meta.namespace, meta.name, key))
        else:
            due[meta.uid] = at
    return Plan(tuple(actions), due)


def _goes_at(pod: Pod, standing: Standing, not_before: float) -> float | None:
    seconds = tolerated_seconds(pod.spec.tolerations, standing.taint)
    if seconds is None:
        return None
    at = standing.since + seconds
    return max(at, not_before) if standing.taint.key in LOST else at


class TaintEviction:
    """The rule `taint-eviction`; its keys are names of nodes."""

    name = "taint-eviction"
    resources = (NODE.resource, POD.resource)
    first_keys: tuple[str, ...] = ()

    def __init__(
        self,
        client: Client,
        clock: Clock,
        recorder: EventRecorder,
        failover: Failover,
    ) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._telling = UnreadableReporter(client, self.name)
        self._not_before = clock.now() + failover.startup_seconds
        #: The pods that are to go, and when, of each node with NoExecute taints.
        self._due: dict[str, Mapping[str, float]] = {}
        #: When each NoExecute taint was first seen here, by node, key and value.
        self._seen_at: dict[tuple[str, str, str], float] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        """The node itself; by a pod only a node that has such taints."""
        if event.object.get("kind") == NODE.kind:
            return [event.object["metadata"]["name"]]
        node = (event.object.get("spec") or {}).get("nodeName")
        return [node] if node in self._due else []

    def reconcile(self, key: str) -> float | None:
        """Look at the pods of one node."""
        now = self._clock.now()
        taints = self._taints(key, now)
        if not taints and key not in self._due:
            return None
        # From here on changes of its pods are heard of, before they are listed.
        before = self._due.setdefault(key, {})
        listed = self._client.list(POD.resource, fields=f"spec.nodeName={key}").items
        objects = {pod["metadata"]["uid"]: pod for pod in listed}
        pods = [typed(Pod, obj) for obj in listed]
        todo = plan(pods, taints, now, not_before=self._not_before)
        evicted = {action.uid for action in todo.actions}
        for uid in before.keys() - todo.due.keys() - evicted:
            self._tell_of_cancelling(objects.get(uid))
        self._due[key] = todo.due
        if not taints:
            del self._due[key]
        self._perform(todo, objects, now)
        return min(todo.due.values(), default=None)

    def _taints(self, key: str, now: float) -> list[Standing]:
        try:
            node = typed(Node, self._client.get(NODE.resource, key))
        except ApiError as error:
            if not is_absent_or_unreadable(error):
                raise
            node = None
        found = node.spec.taints if node else ()
        taints = [taint for taint in found if taint.effect == NO_EXECUTE]
        known = {(key, taint.key, taint.value): taint for taint in taints}
        for gone in [k for k in self._seen_at if k[0] == key and k not in known]:
            del self._seen_at[gone]
        return [
            Standing(taint, _since(taint, self._seen_at.setdefault(name, now)))
            for name, taint in known.items()
        ]

    def _perform(self, todo: Plan, objects: Mapping[str, Object], now: float) -> None:
        """Evict all; a pod that is gone, or a namesake in its place, needs nothing."""
        attempt = Attempts(self._telling)
        for action in todo.actions:
            text = f"Marking for deletion Pod {action.namespace}/{action.name}"
            pod = objects[action.uid]
            self._recorder.record(pod, "Normal", "TaintManagerEviction", text)
            attempt(POD.resource, pod, partial(self._mark, action, now))
            attempt(POD.resource, pod, partial(self._evict, action))
        attempt.finish()

    def _evict(self, action: Evict) -> None:
        options = DeleteOptions(uid=action.uid)
        self._client.delete(POD.resource, action.name, action.namespace, options)

    def _mark(self, action: Evict, now: float) -> None:
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "lastTransitionTime": times.to_text(now),
            "reason": "DeletionByTaintManager",
            "message": _MESSAGE,
        }
        self._client.patch(
            POD.resource,
            action.name,
            action.namespace,
            {"metadata": {"uid": action.uid}, "status": {"conditions": [condition]}},
            PatchType.STRATEGIC,
            subresource="status",
        )

    def _tell_of_cancelling(self, pod: Object | None) -> None:
        if pod is None or pod["metadata"].get("deletionTimestamp"):
            return
        meta = pod["metadata"]
        text = f"Cancelling deletion of Pod {meta['namespace']}/{meta['name']}"
        self._recorder.record(pod, "Normal", "TaintManagerEviction", text)


def _since(taint: Taint, seen_at: float) -> float:
    """When the taint was put there; of old ones only the object tells."""
    if not taint.time_added:
        return seen_at
    added_at = times.to_seconds(taint.time_added)
    # Whoever wrote it may have cut the fraction of the second off.
    cut = added_at == int(added_at) and 0 <= seen_at - added_at < _TRUNCATED_SECONDS
    return seen_at if cut else added_at

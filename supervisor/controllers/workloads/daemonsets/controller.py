"""The rule `daemonset`: a pod for each node, its revisions, and its status.

Follows pkg/controller/daemon/daemon_controller.go.
"""

from collections.abc import Iterable, Mapping, Sequence

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import EVERYTHING, ObjectKey
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.workloads.claiming import claim, controller_of
from supervisor.controllers.workloads.daemonsets import nodes as placing
from supervisor.controllers.workloads.daemonsets.plan import (
    CreatePod,
    DeletePod,
    Plan,
    Sight,
    plan,
)
from supervisor.controllers.workloads.history import HASH_LABEL
from supervisor.controllers.workloads.pod_control import PodControl, pod_from_template
from supervisor.controllers.workloads.revision_history import RevisionHistory
from supervisor.kinds.identity import DAEMON_SET, NODE, POD
from supervisor.machinery import backoff
from supervisor.machinery.clock import Clock
from supervisor.model import label_selector
from supervisor.model.equality import same
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.kinds import Node
from supervisor.model.meta import Object, encode
from supervisor.model.pod import Pod
from supervisor.model.selectors import LabelSelector
from supervisor.model.workloads import DaemonSet, DaemonSetStatus

_ALL = ObjectKey("", EVERYTHING)
"""After a change of nodes: the DaemonSets of all namespaces."""
_FIRST_PAUSE, _MAX_PAUSE = 1.0, 900.0


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    kind, meta = event.object.get("kind"), event.object["metadata"]
    if kind == NODE.kind:
        return [_ALL]
    if kind == DAEMON_SET.kind:
        return [ObjectKey(meta["namespace"], meta["name"])]
    owner = controller_of(event.object)
    if owner is not None:
        is_ours = owner["kind"] == DAEMON_SET.kind
        return [ObjectKey(meta["namespace"], owner["name"])] if is_ours else []
    adoptable = event.type != "DELETED" and meta.get("labels")
    return [ObjectKey(meta["namespace"], EVERYTHING)] if adoptable else []


class DaemonSets:
    """The rule `daemonset`."""

    name = "daemonset"
    resources = (DAEMON_SET.resource, POD.resource, NODE.resource)
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._pods = PodControl(client, recorder)
        self._revisions = RevisionHistory(client, DAEMON_SET)
        #: Failures in a row, and when the next pod may come, by uid and node.
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        if key.name == EVERYTHING:
            found = self._client.list(DAEMON_SET.resource, key.namespace).items
            return min(filter(None, map(self._step, found)), default=None)
        try:
            obj = self._client.get(DAEMON_SET.resource, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return self._step(obj)

    def _step(self, obj: Object) -> float | None:
        daemon_set = typed(DaemonSet, obj)
        selector = label_selector.to_selector(daemon_set.spec.selector)
        labels = (obj["spec"]["template"].get("metadata") or {}).get("labels")
        if not selector or not selector.matches(labels):
            return None
        pods = self._owned(obj, selector)
        used = {(pod.metadata.labels or {}).get(HASH_LABEL, "") for pod in pods}
        limit = daemon_set.spec.revision_history_limit
        present = self._revisions.keep(obj, self._revisions.of(obj), used, limit)
        sight = self._sight(obj, daemon_set, pods, present.hash)
        todo = plan(sight)
        failure = self._perform(obj, todo, present.hash)
        if todo.actions:
            pods = self._owned(obj, selector)
            sight = self._sight(obj, daemon_set, pods, present.hash)
        self._write(obj, status_of(sight))
        if failure is not None:
            raise failure
        return todo.wake_at

    def _owned(self, obj: Object, selector: LabelSelector) -> list[Pod]:
        found = self._client.list(POD.resource, obj["metadata"]["namespace"]).items
        mine = claim(self._client, DAEMON_SET, obj, selector, POD, found)
        return all_typed(Pod, mine)

    def _sight(
        self, obj: Object, daemon_set: DaemonSet, pods: Sequence[Pod], revision: str
    ) -> Sight:
        listed = self._client.list(NODE.resource).items
        nodes = placing.fitting(
            placing.sample(pod_from_template(obj)), all_typed(Node, listed)
        )
        uid = daemon_set.metadata.uid
        retry = {n: at for (of, n), (_, at) in self._failures.items() if of == uid}
        return Sight(daemon_set, pods, nodes, revision, self._clock.now(), retry)

    # -- pods
    def _perform(self, obj: Object, todo: Plan, revision: str) -> ApiError | None:
        failure: ApiError | None = None
        uid = obj["metadata"]["uid"]
        for node in todo.failed_nodes:
            count = self._failures.get((uid, node), (0, 0.0))[0] + 1
            pause = backoff.delay(count, first=_FIRST_PAUSE, maximum=_MAX_PAUSE)
            self._failures[uid, node] = count, self._clock.now() + pause
        bodies = []
        for action in todo.actions:
            match action:
                case CreatePod():
                    bodies.append(self._pod(obj, action.node, revision))
                case DeletePod():
                    if action.event is not None:
                        self._recorder.record(obj, *action.event)
                    failure = failure or self._pods.delete(obj, action)
        return failure or self._pods.create_all(obj, bodies)

    def _pod(self, obj: Object, node: str, revision: str) -> Object:
        pod = pod_from_template(obj)
        placing.prepare(pod)
        placing.bind_to(pod, node)
        labels = pod["metadata"].get("labels") or {}
        pod["metadata"]["labels"] = labels | {HASH_LABEL: revision}
        return pod

    def _write(self, obj: Object, counts: Object) -> None:
        before = obj.get("status") or {}
        kept = {k: before[k] for k in ("collisionCount", "conditions") if k in before}
        status = kept | counts
        if same(status, before):
            return
        meta = obj["metadata"]
        replaced: Mapping[str, object] = dict.fromkeys(before) | status
        self._client.patch(
            DAEMON_SET.resource,
            meta["name"],
            meta["namespace"],
            {"metadata": {"uid": meta["uid"]}, "status": replaced},
            subresource="status",
        )


def status_of(sight: Sight) -> Object:
    """The counts of the status; a node counts by its oldest pod."""
    by_node = sight.by_node()
    wanted = {node for node, should_run in sight.nodes.items() if should_run}
    on_wanted = [by_node[node][0] for node in wanted if by_node.get(node)]
    misplaced = [n for n, pods in by_node.items() if n and n not in wanted and pods]
    available = sum(sight.available(pod) for pod in on_wanted)
    counts = DaemonSetStatus(
        current_number_scheduled=len(on_wanted),
        number_misscheduled=len(misplaced),
        desired_number_scheduled=len(wanted),
        number_ready=sum(pod.is_ready for pod in on_wanted),
        observed_generation=sight.daemon_set.metadata.generation,
        updated_number_scheduled=sum(sight.is_new(pod) for pod in on_wanted),
        number_available=available,
        number_unavailable=len(wanted) - available,
    )
    zeros = {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    }
    return zeros | encode(counts)

"""Give each pod without a node the node that suits it best.

Rules
- All waiting pods are placed in one pass over one reading of the present, the oldest
  first, each seeing what the ones before it took. So a burst is spread evenly, and no
  node is ever overcommitted.
- A pod that has a node, or names another scheduler, is never touched.
- A pod that fits nowhere gets condition PodScheduled=False with the reasons counted. It
  is looked at again when a node changes or a pod gives room, and after five minutes.

Follows pkg/scheduler/schedule_one.go.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supervisor.client.base import Client, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers import filters, scores
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.node_info import NodeInfo, node_infos, pod_info
from supervisor.controllers.reading import all_typed, typed
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import ApiError
from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.model.pod import Pod

NAME = "default-scheduler"
_LOOK_AGAIN_SECONDS = 300.0
_FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Bind:
    uid: str
    namespace: str
    name: str
    node: str
    because: str


@dataclass(frozen=True)
class Refuse:
    """Nothing fits: say so on the pod."""

    uid: str
    namespace: str
    name: str
    because: str


@dataclass(frozen=True)
class Plan:
    actions: tuple[Bind | Refuse, ...] = ()
    wake_at: float | None = None


def keys_for(event: WatchEvent) -> Iterable[str]:
    """Everything, when a pod waits or gives room, or a node has changed."""
    obj = event.object
    if obj.get("kind") == "Node":
        return [EVERYTHING]
    waits = event.type != "DELETED" and not obj["spec"].get("nodeName")
    finished = (obj.get("status") or {}).get("phase") in _FINISHED
    gives_room = event.type == "DELETED" or finished
    return [EVERYTHING] if waits or gives_room else []


def plan(
    waiting: Sequence[Pod], nodes: Sequence[Node], pods: Iterable[Pod], now: float
) -> Plan:
    """Where each of `waiting` goes, with `pods` on the nodes already."""
    infos = node_infos(nodes, pods)
    actions = tuple(_place(pod, infos) for pod in sorted(waiting, key=_age))
    refused = any(isinstance(action, Refuse) for action in actions)
    return Plan(actions, now + _LOOK_AGAIN_SECONDS if refused else None)


def is_waiting(pod: Pod) -> bool:
    """Whether this scheduler is to place the pod."""
    mine = pod.spec.scheduler_name in ("", NAME)
    return mine and pod.is_active and not pod.spec.node_name


def _age(pod: Pod) -> tuple[str, str, str]:
    meta = pod.metadata
    return (meta.creation_timestamp or "", meta.namespace, meta.name)


def _place(pod: Pod, nodes: Sequence[NodeInfo]) -> Bind | Refuse:
    """Choose, and take the room on the chosen node."""
    info, meta = pod_info(pod), pod.metadata
    objections = [(node, filters.objections(info, node)) for node in nodes]
    fitting = [node for node, reasons in objections if not reasons]
    if not fitting:
        because = _explain([reasons for _, reasons in objections])
        return Refuse(meta.uid, meta.namespace, meta.name, because)
    node = scores.best(info, fitting)
    node.take(info)
    because = f"best of {len(fitting)} that fit"
    return Bind(meta.uid, meta.namespace, meta.name, node.name, because)


def _explain(reasons_by_node: Sequence[tuple[str, ...]]) -> str:
    """`0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were …`."""
    if not reasons_by_node:
        return "no nodes available to schedule pods"
    counted = Counter(reason for reasons in reasons_by_node for reason in reasons)
    texts = sorted(f"{count} {reason}" for reason, count in counted.items())
    return f"0/{len(reasons_by_node)} nodes are available: {', '.join(texts)}."


class Scheduler:
    """The rule `scheduler`."""

    name = "scheduler"
    resources = ("pods", "nodes")
    first_keys = (EVERYTHING,)

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        #: When each pod that fits nowhere was last said to, by uid.
        self._told_at: dict[str, float] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, _key: str) -> float | None:
        """Place all pods that wait."""
        unbound = self._client.list("pods", fields="spec.nodeName=").items
        pairs = ((obj, typed(Pod, obj)) for obj in unbound)
        waiting = {p.metadata.uid: (obj, p) for obj, p in pairs if is_waiting(p)}
        self._told_at = {u: at for u, at in self._told_at.items() if u in waiting}
        if not waiting:
            return None
        now = self._clock.now()
        nodes = all_typed(Node, self._client.list("nodes").items)
        bound = self._client.list("pods", fields="spec.nodeName!=").items
        pods = all_typed(Pod, bound)
        todo = plan([pod for _, pod in waiting.values()], nodes, pods, now)
        self._perform(todo, {uid: obj for uid, (obj, _) in waiting.items()}, now)
        return todo.wake_at

    def _perform(self, todo: Plan, objects: dict[str, Object], now: float) -> None:
        """Carry all out; what failed is raised at the end, to be tried again."""
        failed = None
        for action in todo.actions:
            try:
                match action:
                    case Bind():
                        self._bind(action, objects[action.uid])
                    case Refuse():
                        self._refuse(action, objects[action.uid], now)
            except ApiError as error:
                # A pod that has vanished, or has got a node, waits no longer.
                if error.code not in (404, 409):
                    failed = error
        if failed is not None:
            raise failed

    def _bind(self, action: Bind, pod: Object) -> None:
        self._client.bind(action.name, action.namespace, action.node)
        subject = f"{action.namespace}/{action.name}"
        text = f"Successfully assigned {subject} to {action.node}"
        self._recorder.record(pod, "Normal", "Scheduled", text)

    def _refuse(self, action: Refuse, pod: Object, now: float) -> None:
        held = typed(Pod, pod).status.condition("PodScheduled")
        news = held is None or (held.status, held.message) != ("False", action.because)
        told_at = self._told_at.get(action.uid)
        if not news and told_at is not None and now - told_at < _LOOK_AGAIN_SECONDS:
            return
        self._told_at[action.uid] = now
        self._recorder.record(pod, "Warning", "FailedScheduling", action.because)
        if news:
            self._write_condition(action, held is not None and held.status == "False")

    def _write_condition(self, action: Refuse, stood: bool) -> None:
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": action.because,
        }
        if not stood:
            condition["lastTransitionTime"] = times.to_text(self._clock.now())
        self._client.patch(
            "pods",
            action.name,
            action.namespace,
            {"status": {"conditions": [condition]}},
            PatchType.STRATEGIC,
            subresource="status",
        )

"""Give each pod without a node the node that suits it best.

Rules
- A pod that has a node, has scheduling gates, or names another scheduler, is never
  touched.
- A pod that fits nowhere gets condition PodScheduled=False with the reasons counted,
  and waits until something changes that may help, or five minutes
  (scheduling/retries.py).
- What counts as such a change: a node or a namespace changes, a pod gives room, or, if
  a pod was refused for what other pods are, any of those changes.

Follows pkg/scheduler/schedule_one.go and pkg/scheduler/eventhandlers.go.
"""

import threading
from collections.abc import Iterable, Sequence

from supervisor.client.base import Client, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.scheduling.placing import (
    Bind,
    Plan,
    Refuse,
    depends_on_pods,
    plan,
)
from supervisor.controllers.scheduling.retries import AT_LATEST_SECONDS, Retries
from supervisor.controllers.scheduling.terms import Namespaces, selects_namespaces
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import ApiError
from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.model.pod import Pod

NAME = "default-scheduler"
_FINISHED = ("Succeeded", "Failed")

_Waiting = dict[str, tuple[Object, Pod]]
"""Pods that wait, by uid, as they are stored and as they are read."""


def is_waiting(pod: Pod) -> bool:
    """Whether this scheduler is to place the pod."""
    mine = pod.spec.scheduler_name in ("", NAME)
    return mine and pod.is_active and not pod.spec.node_name and not pod.is_gated


def brings_work(event: WatchEvent) -> bool:
    """Whether the event is about a pod that may wait."""
    obj = event.object
    is_pod = obj.get("kind") == "Pod" and event.type != "DELETED"
    return is_pod and not obj["spec"].get("nodeName")


def may_help(event: WatchEvent, *, by_pods: bool) -> bool:
    """Whether a pod that fits nowhere may fit now; `by_pods`: for other pods' sake."""
    obj = event.object
    if obj.get("kind") != "Pod":
        return True
    if event.type == "DELETED" or (obj.get("status") or {}).get("phase") in _FINISHED:
        return True
    return by_pods and bool(obj["spec"].get("nodeName"))


class Scheduler:
    """The rule `scheduler`."""

    name = "scheduler"
    resources = ("pods", "nodes", "namespaces")
    first_keys = (EVERYTHING,)

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._retries = Retries()
        #: Set by `keys_for`, on the threads of the feeds; taken back by `reconcile`.
        self._changed = threading.Event()
        #: Some pod that waits may fit when other pods come or change.
        self._by_pods = False
        #: When each pod that fits nowhere was last said to, by uid.
        self._told_at: dict[str, float] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        helps = may_help(event, by_pods=self._by_pods)
        if helps:
            self._changed.set()
        return [EVERYTHING] if helps or brings_work(event) else []

    def reconcile(self, _key: str) -> float | None:
        """Place the pods that wait and whose time has come."""
        if self._changed.is_set():
            # Before the present is read: a change that comes later sets it again.
            self._changed.clear()
            self._retries.something_changed()
        waiting = self._waiting()
        # Before the other pods are read, for the same reason.
        self._by_pods = any(depends_on_pods(pod) for _, pod in waiting.values())
        self._retries.keep(waiting)
        self._told_at = {u: at for u, at in self._told_at.items() if u in waiting}
        now = self._clock.now()
        due = [pod for _, pod in waiting.values() if self._retries.is_due(pod, now)]
        if due:
            todo = self._plan(due)
            # Before anything is written: that may wake us again.
            for action in todo:
                if isinstance(action, Refuse):
                    self._retries.refused(waiting[action.uid][1], now)
            self._perform(todo, waiting, now)
        return self._retries.next_at()

    def _waiting(self) -> _Waiting:
        unbound = self._client.list("pods", fields="spec.nodeName=").items
        pairs = ((obj, typed(Pod, obj)) for obj in unbound)
        return {p.metadata.uid: (obj, p) for obj, p in pairs if is_waiting(p)}

    def _plan(self, due: Sequence[Pod]) -> Plan:
        nodes = all_typed(Node, self._client.list("nodes").items)
        bound = self._client.list("pods", fields="spec.nodeName!=").items
        pods = all_typed(Pod, bound)
        asked = any(selects_namespaces(pod) for pod in (*due, *pods))
        return plan(due, nodes, pods, self._namespaces() if asked else {})

    def _namespaces(self) -> Namespaces:
        metas = (obj["metadata"] for obj in self._client.list("namespaces").items)
        return {meta["name"]: meta.get("labels") or {} for meta in metas}

    def _perform(self, todo: Plan, waiting: _Waiting, now: float) -> None:
        """Carry all out; what failed is raised at the end, to be tried again."""
        failed = None
        for action in todo:
            try:
                match action:
                    case Bind():
                        self._bind(action, waiting[action.uid][0])
                    case Refuse():
                        self._refuse(action, waiting[action.uid], now)
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

    def _refuse(self, action: Refuse, stood: tuple[Object, Pod], now: float) -> None:
        obj, pod = stood
        held = pod.status.condition("PodScheduled")
        news = held is None or (held.status, held.message) != ("False", action.because)
        told_at = self._told_at.get(action.uid)
        if not news and told_at is not None and now - told_at < AT_LATEST_SECONDS:
            return
        self._told_at[action.uid] = now
        self._recorder.record(obj, "Warning", "FailedScheduling", action.because)
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

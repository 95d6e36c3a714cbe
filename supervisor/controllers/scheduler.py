"""Give each pod without a node the node that suits it best.

Rules
- A pod that has a node, has scheduling gates, or names another scheduler, is never
  touched.
- A pod that fits nowhere gets condition PodScheduled=False with the reasons counted,
  and waits until something changes that may help (scheduling/changes.py), or five
  minutes (scheduling/retries.py). Nothing else wakes the scheduler: thousands of pods
  that wait cost nothing while nothing changes.

Follows pkg/scheduler/schedule_one.go and pkg/scheduler/eventhandlers.go.
"""

import threading
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeVar

from supervisor.client.base import Client, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.unreadable import UnreadableReporter
from supervisor.controllers.attempts import Attempts
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.scheduling.changes import (
    ALL,
    NONE,
    Change,
    Changes,
    between,
    brings_work,
)
from supervisor.controllers.scheduling.placing import (
    Bind,
    ChooseNode,
    Plan,
    Refuse,
    plan,
)
from supervisor.controllers.scheduling.retries import AT_LATEST_SECONDS, Retries
from supervisor.controllers.scheduling.storage import Storage, claim_names
from supervisor.controllers.scheduling.terms import Namespaces, selects_namespaces
from supervisor.controllers.storage.sight import ClaimKey, key_of
from supervisor.kinds.identity import (
    NAMESPACE,
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    STORAGE_CLASS,
    Identity,
)
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.model.storage import (
    SELECTED_NODE,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)

NAME = "default-scheduler"

Kind = TypeVar("Kind")
_Waiting = dict[str, tuple[Object, Pod]]
"""Pods that wait, by uid, as they are stored and as they are read."""


def is_waiting(pod: Pod) -> bool:
    """Whether this scheduler is to place the pod."""
    mine = pod.spec.scheduler_name in ("", NAME)
    return mine and pod.is_active and not pod.spec.node_name and not pod.is_gated


class Scheduler:
    """The rule `scheduler`."""

    name = "scheduler"
    resources = (
        POD.resource,
        NODE.resource,
        NAMESPACE.resource,
        PERSISTENT_VOLUME_CLAIM.resource,
        PERSISTENT_VOLUME.resource,
        STORAGE_CLASS.resource,
    )
    first_keys = (EVERYTHING,)

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._telling = UnreadableReporter(client, NAME)
        self._retries = Retries()
        #: Told by events, on the threads of the feeds; taken back by `reconcile`.
        self._lock = threading.Lock()
        self._changes: Changes = NONE
        self._has_new_work = True
        #: The changes that may help a pod that fits nowhere; all, until that is known.
        self._wanted: Changes = ALL
        #: When each pod that fits nowhere was last said to, by uid.
        self._told_at: dict[str, float] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return self.keys_between(None, event)

    def keys_between(
        self, before: WatchEvent | None, event: WatchEvent
    ) -> Iterable[str]:
        changes, has_work = between(before, event), brings_work(before, event)
        with self._lock:
            changes &= self._wanted
            self._changes |= changes
            self._has_new_work |= has_work
        return [EVERYTHING] if changes or has_work else []

    def reconcile(self, _key: str) -> float | None:
        """Place the pods that wait and whose time has come."""
        now = self._clock.now()
        with self._lock:
            changes, self._changes = self._changes, NONE
            has_work, self._has_new_work = self._has_new_work, False
        self._retries.something_changed(changes)
        if not has_work and not self._retries.are_due(now):
            return self._retries.next_at()
        with self._lock:
            # Before the present is read: who is refused may want what comes meanwhile.
            self._wanted = ALL
        try:
            self._place(now)
        except BaseException:
            with self._lock:
                self._has_new_work = True
            raise
        with self._lock:
            # What came meanwhile has been kept, whether anybody wants it or not.
            self._wanted = self._retries.wanted
        return self._retries.next_at()

    def _place(self, now: float) -> None:
        waiting = self._waiting()
        self._retries.keep(waiting)
        self._told_at = {u: at for u, at in self._told_at.items() if u in waiting}
        due = self._retries.due((pod for _, pod in waiting.values()), now)
        if not due:
            return
        todo = self._plan(due)
        # Before anything is written: that may wake us again.
        for action in todo:
            pod = waiting[action.uid][1]
            if isinstance(action, Refuse):
                self._retries.refused(pod, now, action.helps)
            elif isinstance(action, ChooseNode):
                self._retries.refused(pod, now, frozenset({Change.STORAGE}))
        self._perform(todo, waiting, now)

    def _waiting(self) -> _Waiting:
        unbound = self._client.list(POD.resource, fields="spec.nodeName=").items
        pairs = ((obj, typed(Pod, obj)) for obj in unbound)
        return {p.metadata.uid: (obj, p) for obj, p in pairs if is_waiting(p)}

    def _plan(self, due: Sequence[Pod]) -> Plan:
        nodes = all_typed(Node, self._client.list(NODE.resource).items)
        bound = self._client.list(POD.resource, fields="spec.nodeName!=").items
        pods = all_typed(Pod, bound)
        asked = any(selects_namespaces(pod) for pod in (*due, *pods))
        namespaces = self._namespaces() if asked else {}
        has_claims = any(claim_names(pod) for pod in due)
        storage = self._storage(pods) if has_claims else Storage()
        return plan(due, nodes, pods, namespaces, storage)

    def _storage(self, pods: Sequence[Pod]) -> Storage:
        """Claims, volumes and classes, read only for pods that have claims."""

        def listed(kind: Identity, type_: type[Kind]) -> list[Kind]:
            return all_typed(type_, self._client.list(kind.resource).items)

        claims = listed(PERSISTENT_VOLUME_CLAIM, PersistentVolumeClaim)
        volumes = listed(PERSISTENT_VOLUME, PersistentVolume)
        users: dict[ClaimKey, list[str]] = {}
        for pod in pods:
            for name in claim_names(pod) if not pod.is_finished else ():
                key = pod.metadata.namespace, name
                users.setdefault(key, []).append(pod.metadata.uid)
        return Storage(
            {key_of(claim): claim for claim in claims},
            {volume.metadata.name: volume for volume in volumes},
            {c.metadata.name: c for c in listed(STORAGE_CLASS, StorageClass)},
            users,
        )

    def _namespaces(self) -> Namespaces:
        metas = (obj["metadata"] for obj in self._client.list(NAMESPACE.resource).items)
        return {meta["name"]: meta.get("labels") or {} for meta in metas}

    def _perform(self, todo: Plan, waiting: _Waiting, now: float) -> None:
        """Carry all out. A pod that has vanished, or has a node, waits no longer."""
        attempt = Attempts(self._telling)
        for action in todo:
            obj, pod = waiting[action.uid]
            match action:
                case Bind():
                    attempt(POD.resource, obj, partial(self._bind, action, obj))
                case ChooseNode():
                    choose = partial(self._choose, action)
                    attempt(POD.resource, obj, choose)
                case Refuse():
                    refuse = partial(self._refuse, action, (obj, pod), now)
                    attempt(POD.resource, obj, refuse)
        attempt.finish()

    def _bind(self, action: Bind, pod: Object) -> None:
        self._client.bind(action.name, action.namespace, action.node)
        subject = f"{action.namespace}/{action.name}"
        text = f"Successfully assigned {subject} to {action.node}"
        self._recorder.record(pod, "Normal", "Scheduled", text)

    def _choose(self, action: ChooseNode) -> None:
        """The binder gives the claims volumes there, which wakes us."""
        change = {"metadata": {"annotations": {SELECTED_NODE: action.node}}}
        for name in action.claims:
            self._client.patch(
                PERSISTENT_VOLUME_CLAIM.resource, name, action.namespace, change
            )

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
            POD.resource,
            action.name,
            action.namespace,
            {"status": {"conditions": [condition]}},
            PatchType.STRATEGIC,
            subresource="status",
        )

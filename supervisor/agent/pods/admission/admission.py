"""Decide once for each pod of this node whether it is taken.

Rules
- A pod is judged before anything of it is started, against the node as the API has it
  and the pods that were taken before. What was taken stays so: a pod of which the
  engine has anything, or which an agent has reported before, is never judged again,
  so neither a restart nor an adoption fails a pod.
- Pods are judged one at a time, so that two of them never get the same room.
- A node that the API does not know, or not fully yet, is described by its engine.

Follows pkg/kubelet/kubelet.go (HandlePodAdditions, canAdmitPod).
"""

import threading

import msgspec

from supervisor.agent.node.status import NodeFacts, capacity, node_labels
from supervisor.agent.pods.admission.rules import Rejection, objection
from supervisor.agent.pods.bound_pods import BoundPods, PodRecord
from supervisor.client.base import Client
from supervisor.kinds.identity import NODE
from supervisor.model.errors import ApiError
from supervisor.model.kinds import Node
from supervisor.model.meta import ObjectMeta, decode
from supervisor.model.pod import Pod
from supervisor.runtime.base import ObservedPod, Runtime

_ARCH_LABEL = "kubernetes.io/arch"
_OS = "linux"


class Admission:
    def __init__(
        self, facts: NodeFacts, runtime: Runtime, client: Client, bound_pods: BoundPods
    ) -> None:
        self._facts = facts
        self._runtime = runtime
        self._client = client
        self._bound_pods = bound_pods
        self._lock = threading.Lock()
        #: What was decided of each pod, by its uid.
        self._decided: dict[str, Rejection | None] = {}

    def of(self, record: PodRecord, seen: ObservedPod | None) -> Rejection | None:
        """Why this node does not take the pod; None when it does.

        Raises ApiError while the node cannot be read.
        """
        uid = record.uid
        with self._lock:
            if uid in self._decided:
                return self._decided[uid]
        is_here = seen is not None and bool(seen.containers or seen.sandboxes)
        if is_here:
            with self._lock:
                return self._decided.setdefault(uid, None)
        if not _is_new(record.pod):
            return None
        node = self._node()
        with self._lock:
            if uid not in self._decided:
                os = node.status.node_info.operating_system or _OS
                others = self._taken(uid)
                self._decided[uid] = objection(record.pod, node, others, os)
            return self._decided[uid]

    def forget(self, pod_uid: str) -> None:
        with self._lock:
            self._decided.pop(pod_uid, None)

    def _taken(self, but: str) -> list[Pod]:
        """The other pods of this node that take room on it. Holds the lock."""
        return [
            record.pod
            for record in self._bound_pods.records()
            if record.uid != but
            and not record.pod.is_finished
            and self._is_taken(record)
        ]

    def _is_taken(self, record: PodRecord) -> bool:
        if record.uid in self._decided:
            return self._decided[record.uid] is None
        return record.pod.status.start_time is not None

    def _node(self) -> Node:
        try:
            node = decode(Node, self._client.get(NODE.resource, self._facts.name))
        except ApiError as error:
            if error.code != 404:
                raise
            node = Node(ObjectMeta(name=self._facts.name))
        labels = node.metadata.labels or {}
        if node.status.allocatable and _ARCH_LABEL in labels:
            return node
        info = self._runtime.info()
        labels = node_labels(self._facts, info) | labels
        amounts = node.status.allocatable or capacity(info)
        replace = msgspec.structs.replace
        return replace(
            node,
            metadata=replace(node.metadata, labels=labels),
            status=replace(node.status, allocatable=amounts),
        )


def _is_new(pod: Pod) -> bool:
    """Nobody has reported on it yet, and it is to run."""
    return pod.is_active and pod.status.start_time is None

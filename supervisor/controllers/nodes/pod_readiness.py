"""Take readiness from the pods of lost nodes, at once and long before any eviction.

Rules
- It is taken once for each loss; the agent of the node gives it back when it is there
  again, and reports the states of containers, which stay as last seen until then.

Follows MarkPodsNotReady of pkg/controller/util/node/controller_utils.go.
"""

from collections.abc import Collection

from supervisor.client.base import Client, PatchType
from supervisor.client.events import EventRecorder
from supervisor.kinds.identity import POD
from supervisor.model import times
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object


class PodReadiness:
    def __init__(self, client: Client, recorder: EventRecorder) -> None:
        self._client = client
        self._recorder = recorder
        #: Lost nodes whose pods were told of it.
        self._told: set[str] = set()

    def take_from(self, lost: Collection[str], now: float) -> None:
        """Have the pods of these nodes not ready; of others we know nothing."""
        self._told.intersection_update(lost)
        for node in lost:
            if node not in self._told:
                self._take(node, now)
                self._told.add(node)

    def keep_only(self, nodes: Collection[str]) -> None:
        """Forget nodes that are no more."""
        self._told.intersection_update(nodes)

    def _take(self, node: str, now: float) -> None:
        for pod in self._client.list(
            POD.resource, fields=f"spec.nodeName={node}"
        ).items:
            held = (pod.get("status") or {}).get("conditions") or []
            ready = next((c for c in held if c["type"] == "Ready"), None)
            if ready is None or ready["status"] == "False":
                continue
            changed = {"status": "False", "lastTransitionTime": times.to_text(now)}
            if self._write(pod, ready | changed):
                text = "Node is not ready"
                self._recorder.record(pod, "Warning", "NodeNotReady", text)

    def _write(self, pod: Object, ready: Object) -> bool:
        """Whether the pod was still there."""
        meta = pod["metadata"]
        patch = {
            "metadata": {"uid": meta["uid"]},
            "status": {"conditions": [ready]},
        }
        kind, where = PatchType.STRATEGIC, (meta["name"], meta["namespace"])
        try:
            self._client.patch(POD.resource, *where, patch, kind, subresource="status")
        except ApiError as error:
            if error.code not in (404, 409):
                raise
            return False
        return True

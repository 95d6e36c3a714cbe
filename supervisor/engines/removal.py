"""The calls by which an engine is removed; plan/removing decides about them."""

from supervisor.client.base import Client, DeleteOptions
from supervisor.engines.agents import NodeAgent
from supervisor.engines.plan.sight import RemainingPod, Remains
from supervisor.kinds.identity import ENGINE, LEASE, NODE, POD
from supervisor.model.engine import FINALIZER
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import NODE_LEASE
from supervisor.runtime.base import RuntimeFailure


class Removal:
    """All methods raise ApiError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def remains(self, name: str, agent: NodeAgent | None) -> Remains:
        """What there is of the node; `agent` is None if none runs."""
        if self._is_schedulable(name):
            # A pod may still be bound, so a list would prove nothing.
            return Remains(is_schedulable=True)
        found = self._client.list(POD.resource, fields=f"spec.nodeName={name}").items
        pods = tuple(map(_remaining, found))
        if agent is None:
            return Remains(pods=pods)
        try:
            return Remains(pods=pods, on_engine=tuple(agent.leftovers()))
        except RuntimeFailure as error:
            return Remains(pods=pods, trouble=str(error))

    def _is_schedulable(self, name: str) -> bool:
        try:
            node = self._client.get(NODE.resource, name)
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return not (node.get("spec") or {}).get("unschedulable")

    def cordon(self, name: str) -> None:
        try:
            patch = {"spec": {"unschedulable": True}}
            self._client.patch(NODE.resource, name, "", patch)
        except ApiError as error:
            if error.code != 404:
                raise

    def delete_pod(
        self, namespace: str, name: str, uid: str, grace_seconds: int | None = None
    ) -> None:
        """`grace_seconds` is None for the grace period of the pod."""
        options = DeleteOptions(grace_period_seconds=grace_seconds, uid=uid)
        try:
            self._client.delete(POD.resource, name, namespace, options)
        except ApiError as error:
            if error.code not in (404, 409):
                raise

    def finish(self, name: str) -> None:
        """Delete the remaining pods without grace, the Node, and our finalizer."""
        engine = self._client.get(ENGINE.resource, name)
        pods = self._client.list(POD.resource, fields=f"spec.nodeName={name}").items
        for pod in map(_remaining, pods):
            self.delete_pod(pod.namespace, pod.name, pod.uid, grace_seconds=0)
        self.erase(name)
        left = [f for f in engine["metadata"].get("finalizers", []) if f != FINALIZER]
        meta = {
            "finalizers": left or None,
            "resourceVersion": engine["metadata"]["resourceVersion"],
        }
        self._client.patch(ENGINE.resource, name, "", {"metadata": meta})

    def erase(self, name: str) -> None:
        """Delete the Node and its Lease; the agent must be stopped."""
        for resource, namespace in ((NODE.resource, ""), (LEASE.resource, NODE_LEASE)):
            try:
                self._client.delete(resource, name, namespace)
            except ApiError as error:
                if error.code != 404:
                    raise


def _remaining(pod: Object) -> RemainingPod:
    meta = pod["metadata"]
    is_being_deleted = "deletionTimestamp" in meta
    return RemainingPod(meta["namespace"], meta["name"], meta["uid"], is_being_deleted)

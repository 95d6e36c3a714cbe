"""Taking an engine out: its pods end first, then its Node goes, then the Engine.

Rules
- No pod is left without an agent: the Node takes none any more, and those that it has
  are deleted with their grace, so that controllers replace them elsewhere.
- The Engine stays, and says what it waits for, until nothing of ours is left there. An
  engine that does not answer is given up only when that was asked for, and some time
  after the removal began: what runs there stays there.
"""

from collections.abc import Sequence

from supervisor.client.base import Client, DeleteOptions
from supervisor.engines.agents import NodeAgent
from supervisor.kinds.identity import ENGINE, LEASE, NODE, POD
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.engine import FINALIZER, FORCE_REMOVAL, Engine
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import NODE_LEASE
from supervisor.runtime.base import RuntimeFailure

GIVE_UP_SECONDS = 10.0
LEASES = LEASE.resource
_MAX_NAMED = 3


class Removal:
    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def clear(self, name: str, node: NodeAgent | None, trouble: str) -> tuple[str, str]:
        """Have the node's pods end: what it waits for, and the engine's trouble.

        Both are empty when nothing is left. `trouble` is why there is no agent.
        """
        self._cordon(name)
        pods = self._pods(name)
        for pod in pods:
            if "deletionTimestamp" not in pod["metadata"]:
                self._delete_pod(pod)
        left = [f"{p['metadata']['namespace']}/{p['metadata']['name']}" for p in pods]
        if node is not None and not trouble:
            try:
                left += node.leftovers()
            except RuntimeFailure as error:
                trouble = str(error)
        if trouble or node is None:
            return f"waiting for the engine, to remove what is ours: {trouble}", trouble
        return _waiting(sorted(set(left))), ""

    def is_given_up(self, engine: Engine, trouble: str) -> bool:
        """Whether an engine that does not answer is waited for no longer."""
        forced = (engine.metadata.annotations or {}).get(FORCE_REMOVAL) == "true"
        since = engine.metadata.deletion_timestamp
        if not (trouble and forced and since):
            return False
        return self._clock.now() - times.to_seconds(since) >= GIVE_UP_SECONDS

    def finish(self, engine: Object) -> None:
        """Remove pods that nobody can end any more, the Node, and let the Engine go."""
        name = engine["metadata"]["name"]
        for pod in self._pods(name):
            self._delete_pod(pod, grace_seconds=0)
        self.erase(name)
        left = [f for f in engine["metadata"].get("finalizers", []) if f != FINALIZER]
        meta = {
            "finalizers": left or None,
            "resourceVersion": engine["metadata"]["resourceVersion"],
        }
        self._client.patch(ENGINE.resource, name, "", {"metadata": meta})

    def erase(self, name: str) -> None:
        """Remove the Node and its Lease; the agent must be stopped."""
        for resource, namespace in ((NODE.resource, ""), (LEASES, NODE_LEASE)):
            try:
                self._client.delete(resource, name, namespace)
            except ApiError as error:
                if error.code != 404:
                    raise

    def _cordon(self, name: str) -> None:
        try:
            node = self._client.get(NODE.resource, name)
            if not (node.get("spec") or {}).get("unschedulable"):
                self._client.patch(
                    NODE.resource, name, "", {"spec": {"unschedulable": True}}
                )
        except ApiError as error:
            if error.code != 404:
                raise

    def _pods(self, name: str) -> Sequence[Object]:
        return self._client.list(POD.resource, fields=f"spec.nodeName={name}").items

    def _delete_pod(self, pod: Object, grace_seconds: int | None = None) -> None:
        meta = pod["metadata"]
        options = DeleteOptions(grace_period_seconds=grace_seconds, uid=meta["uid"])
        try:
            self._client.delete(POD.resource, meta["name"], meta["namespace"], options)
        except ApiError as error:
            if error.code not in (404, 409):
                raise


def _waiting(left: Sequence[str]) -> str:
    if not left:
        return ""
    named = ", ".join(left[:_MAX_NAMED])
    more = f" and {len(left) - _MAX_NAMED} more" if len(left) > _MAX_NAMED else ""
    return f"waiting for {len(left)} pod(s) to end: {named}{more}"

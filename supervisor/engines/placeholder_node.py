"""The Node of an engine that has no agent: not ready, with the reason.

Rules
- Every engine has a Node, so that users who list the nodes see all engines. The Node of
  an engine that does not answer, or is refused, is created here; its agent adopts it.
- A condition that is no sign of life of an agent has no heartbeat. That distinguishes a
  node that was never heard of: it is not lost, and nothing was ever placed there.
- Once an agent has set Ready, it is left alone: the node lifecycle controller judges
  what silence means.
"""

from supervisor.agent.node.status import KUBELET_VERSION
from supervisor.client.base import Client, PatchType
from supervisor.engines import node_labels
from supervisor.engines.addresses import address_of
from supervisor.engines.failure import Failure
from supervisor.engines.node_view import away
from supervisor.engines.reports import Reports
from supervisor.kinds.identity import NODE
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.engine import Engine
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.taints import NO_SCHEDULE, NOT_READY


class PlaceholderNode:
    def __init__(self, client: Client, clock: Clock, reports: Reports) -> None:
        self._client = client
        self._clock = clock
        self._reports = reports

    def show(self, engine: Engine, failure: Failure) -> bool:
        """Show the failure in the conditions of the Node. False if they show it."""
        node = self._find(engine)
        wanted = engine.spec.labels or {}
        if (relabelled := node_labels.patch(node, wanted)) is not None:
            self._client.patch(NODE.resource, engine.name, "", relabelled)
        reason, message = failure.reason, failure.message
        patch = away(node, reason, message, self._clock.now())
        if patch is None:
            return False
        self._client.patch(
            NODE.resource,
            engine.name,
            "",
            patch,
            PatchType.STRATEGIC,
            subresource="status",
        )
        self._reports.event(node, "Warning", reason, message)
        return True

    def _find(self, engine: Engine) -> Object:
        try:
            return self._client.get(NODE.resource, engine.name)
        except ApiError as error:
            if error.code != 404:
                raise
        now = self._clock.now()
        return self._client.create(NODE.resource, node_object(engine, now))


def node_object(engine: Engine, now: float) -> Object:
    """The Node, as far as it is known without asking the engine."""
    labels = {"kubernetes.io/hostname": engine.name, **(engine.spec.labels or {})}
    taint = {
        "key": NOT_READY,
        "effect": NO_SCHEDULE,
        "timeAdded": times.to_micro_text(now),
    }
    version = {"kubeletVersion": KUBELET_VERSION, "kubeProxyVersion": KUBELET_VERSION}
    addresses = [
        {"type": "InternalIP", "address": address_of(engine.spec.endpoint)},
        {"type": "Hostname", "address": engine.name},
    ]
    return {
        **NODE.head,
        "metadata": {"name": engine.name, "labels": labels},
        "spec": {"taints": [taint]},
        "status": {"addresses": addresses, "nodeInfo": version},
    }

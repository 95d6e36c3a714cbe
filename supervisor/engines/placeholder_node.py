"""The Node of an engine that has no agent yet: there, not ready, and saying why.

Rules
- Every engine is a Node, so that who asks for the nodes sees all of them. One that
  cannot be reached, or is refused, is registered here; its agent takes the Node over.
- What is no sign of an agent's life has no heartbeat. That is how others know a node
  that was never heard of: it is not lost, and nothing was ever placed there.
- Once an agent has spoken, Ready is left alone: what silence means is for others to
  judge.
"""

import logging

from supervisor.agent.node.status import KUBELET_VERSION
from supervisor.client.base import Client, PatchType
from supervisor.engines import node_labels
from supervisor.engines.addresses import address_of
from supervisor.engines.connecting import CannotConnect
from supervisor.engines.node_view import away
from supervisor.engines.reports import Reports
from supervisor.kinds.identity import NODE
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.engine import Engine
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.taints import NO_SCHEDULE, NOT_READY

_log = logging.getLogger(__name__)


class PlaceholderNode:
    def __init__(self, client: Client, clock: Clock, reports: Reports) -> None:
        self._client = client
        self._clock = clock
        self._reports = reports

    def say(self, engine: Engine, error: CannotConnect) -> None:
        """Have the engine's Node say why no agent of it runs."""
        node = self._find(engine)
        wanted = engine.spec.labels or {}
        if (relabelled := node_labels.patch(node, wanted)) is not None:
            self._client.patch(NODE.resource, engine.name, "", relabelled)
        patch = away(node, error.reason, str(error), self._clock.now())
        if patch is None:
            return
        self._client.patch(
            NODE.resource,
            engine.name,
            "",
            patch,
            PatchType.STRATEGIC,
            subresource="status",
        )
        self._reports.event(node, "Warning", error.reason, str(error))

    def _find(self, engine: Engine) -> Object:
        try:
            return self._client.get(NODE.resource, engine.name)
        except ApiError as error:
            if error.code != 404:
                raise
        _log.info("registering node %s, which has no agent yet", engine.name)
        now = self._clock.now()
        return self._client.create(NODE.resource, node_object(engine, now))


def node_object(engine: Engine, now: float) -> Object:
    """The Node as far as it is known without its engine."""
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

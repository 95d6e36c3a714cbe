"""Keep the Node object: that the node is there, and how it does.

| engine                                | what the agent says of Ready               |
|---------------------------------------|--------------------------------------------|
| answers                               | True                                       |
| answers the heart, and nothing else   | False after 30 s, as upstream's kubelet    |
| is silent                             | nothing: without heartbeats it is Unknown  |
| was never heard of                    | False at once: the user is waiting for it  |

Rules
- The status is looked at every 10 s, at once when the engine goes or is back, and every
  second after a late heartbeat; it is written when it has changed, or after 5 min. Not
  every look at the status asks the engine all: that takes it some 50 ms of CPU.
- Why an engine is silent stands in a condition of its own, EngineReachable.
- What others put on the node (taints, cordon, labels, conditions) is left alone.
- A Node object that somebody deleted is made again, as long as its agent runs; one
  that was registered before an agent could run is taken over.

Follows pkg/kubelet/kubelet_node_status.go.
"""

import logging
from collections import deque
from collections.abc import Sequence

from supervisor.agent.images.registries import annotation
from supervisor.agent.node.status import (
    comparable,
    merged,
    node_json,
    node_labels,
    not_ready_conditions,
    reachable,
    ready_status,
    removal_held,
    to_json,
)
from supervisor.agent.site import Site
from supervisor.client.base import PatchType
from supervisor.client.tolerant import TolerantClient
from supervisor.kinds.identity import NODE
from supervisor.machinery.controller import Controller
from supervisor.model.equality import same
from supervisor.model.errors import ApiError
from supervisor.model.kinds import Node
from supervisor.model.meta import Condition, Object, decode
from supervisor.runtime.base import EngineInfo, Image, RuntimeFailure

LOOK_SECONDS = 10.0
_CLOSE_LOOK_SECONDS = 1.0
_REPORT_SECONDS = 300.0
_BROKEN_SECONDS = 30.0
_MAX_TEXTS = 20
_log = logging.getLogger(__name__)


class NodeReporter:
    def __init__(self, site: Site) -> None:
        self._facts = site.node
        self._runtime = site.runtime
        self._machine = site.machine
        self._screen = self._client = TolerantClient(
            site.client, f"agent-{site.node.name}"
        )
        self._clock = site.clock
        self._health = site.health
        self._events = site.events
        self._custody = site.custody
        self._registries = site.registries
        #: When the node's status was last written.
        self._reported_at = 0.0
        self._announced = False
        #: Until when the node is looked at more often.
        self._closely_until = 0.0
        #: What the engine told of itself, and when; None when it is to be asked again.
        self._told: tuple[float, EngineInfo, Sequence[Image]] | None = None
        #: Since when the engine has answered no question; None while it does.
        self._failing_since: float | None = None
        #: What is to be told about pods that are held.
        self._held_texts: deque[str] = deque(maxlen=_MAX_TEXTS)
        self.controller: Controller[str] = Controller(
            "node", self._look, site.clock, expected=(ApiError, RuntimeFailure)
        )

    def wake(self) -> None:
        """Look at the node now."""
        self._told = None
        self.controller.wake(self._facts.name)

    def held(self, text: str) -> None:
        """More or fewer pods are held: `text` is an event's, or empty."""
        if text:
            self._held_texts.append(text)
        self.controller.wake(self._facts.name)

    def look_closely(self) -> None:
        """The heartbeat was late: others may be about to say that the node is lost."""
        self._closely_until = self._clock.now() + LOOK_SECONDS
        self.controller.wake(self._facts.name)

    def _look(self, _: str) -> float | None:
        self._screen.guard(self.report, passing=(RuntimeFailure,))
        now = self._clock.now()
        closely = now < self._closely_until
        return now + (_CLOSE_LOOK_SECONDS if closely else LOOK_SECONDS)

    def report(self) -> None:
        """Have the API's Node say how this node does now."""
        node = self._find()
        before = node.get("status") or {}
        status = self._status(node)
        self._tell_of_held(node, status)
        after = merged(before, status)
        now = self._clock.now()
        overdue = now - self._reported_at >= _REPORT_SECONDS
        if not overdue and same(comparable(before), comparable(after)):
            return
        name, patch = self._facts.name, {"status": status}
        # No resourceVersion: these conditions are the agent's own while it lives.
        kind = PatchType.STRATEGIC
        self._client.patch(NODE.resource, name, "", patch, kind, subresource="status")
        self._reported_at = now
        self._announce(node, before, after)

    def _tell_of_held(self, node: Object, status: Object) -> None:
        known = decode(Node, node).status.conditions
        condition = removal_held(known, self._custody.message(), self._clock.now())
        if condition is not None:
            status["conditions"] += to_json([condition])
        while self._held_texts:
            text = self._held_texts.popleft()
            self._events.node(node, "Warning", "StoreMismatch", text)

    def _status(self, node: Object) -> Object:
        before = decode(Node, node).status.conditions
        now = self._clock.now()
        try:
            self._health.require()
            info, images = self._ask(now)
        except RuntimeFailure as error:
            self._health.lost(error)
            return {"conditions": to_json(self._unwell(before, error, now))}
        self._health.found()
        self._failing_since = None
        self._label(node, node_labels(self._facts, info))
        if (patch := annotation(node, self._registries.silent())) is not None:
            self._client.patch(NODE.resource, self._facts.name, "", patch)
        return node_json(ready_status(self._facts, info, images, before, now))

    def _ask(self, now: float) -> tuple[EngineInfo, Sequence[Image]]:
        """What the engine tells of itself, or has told since the last regular look."""
        told = self._told
        if told is not None and now - told[0] < LOOK_SECONDS - _CLOSE_LOOK_SECONDS / 2:
            self._runtime.ping()
            return told[1:]
        # Whether the engine works is judged by the images: see agent/node/machine.py.
        images = self._runtime.images()
        self._told = (now, self._machine.ask(), images)
        return self._told[1:]

    def _unwell(
        self, before: Sequence[Condition], error: Exception, now: float
    ) -> list[Condition]:
        """The conditions of a node whose engine has not answered our questions."""
        away = self._health.error
        if self._failing_since is None or away:
            self._failing_since = now
        rows = [reachable(before, away, now)]
        has_spoken = any(r.type == "Ready" and r.last_heartbeat_time for r in before)
        if not has_spoken or now - self._failing_since >= _BROKEN_SECONDS:
            rows += not_ready_conditions(before, str(error), now)
        return rows

    def _find(self) -> Object:
        """The Node object, created if there is none."""
        name = self._facts.name
        try:
            return self._client.get(NODE.resource, name)
        except ApiError as error:
            if error.code != 404:
                raise
        labels = {"kubernetes.io/hostname": name, **self._facts.labels}
        body: Object = {
            **NODE.head,
            "metadata": {"name": name, "labels": labels},
        }
        _log.info("registering node %s", name)
        return self._client.create(NODE.resource, body)

    def _label(self, node: Object, wanted: dict[str, str]) -> None:
        labels = node["metadata"].get("labels") or {}
        if all(labels.get(k) == v for k, v in wanted.items()):
            return
        patch = {"metadata": {"labels": wanted}}
        self._client.patch(NODE.resource, self._facts.name, "", patch)

    def _announce(self, node: Object, before: Object, status: Object) -> None:
        """Events for a node that has come, or whose readiness has changed."""
        if not self._announced:
            self._announced = True
            self._events.node(node, "Normal", "Starting", "Starting kubelet.")
        if _ready(before) == _ready(status):
            return
        reason = "NodeReady" if _ready(status) == "True" else "NodeNotReady"
        text = f"Node {self._facts.name} status is now: {reason}"
        self._events.node(node, "Normal", reason, text)


def _ready(status: Object) -> str:
    rows = status.get("conditions") or []
    return next((str(c.get("status")) for c in rows if c.get("type") == "Ready"), "")

"""All engines of this daemon: follows Engine objects, and has a keeper for each.

Rules
- Nothing here waits for an engine: starting and stopping are done beside each other.
- A Node of ours has an Engine of the same name, or it is removed.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from supervisor.client.base import WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.feed import SYNCED, Feed
from supervisor.client.node import NodeConnection
from supervisor.client.tolerant import TolerantClient
from supervisor.client.unreadable import UnreadableReporter
from supervisor.engines.access import Accesses, AllowedFiles
from supervisor.engines.claims import Claims
from supervisor.engines.connecting import Connected
from supervisor.engines.keeper import Keeper
from supervisor.engines.node_view import is_of_our_agent
from supervisor.engines.nodes import LocalNode, Surroundings, address_of, runtime_of
from supervisor.engines.placeholder_node import PlaceholderNode
from supervisor.engines.removal import Removal
from supervisor.engines.reports import Reports
from supervisor.engines.shared import Shared
from supervisor.kinds.identity import ENGINE, NODE, SECRET
from supervisor.model.engine import SECRET_NAMESPACE, Engine
from supervisor.model.errors import unavailable
from supervisor.model.meta import Object

_SECRETS = SECRET.resource
_STOP_SECONDS = 0.8
_STOP_ALL_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Engines:
    """Satisfies client.node.NodeDirectory for the agents of this process.

    `gone(name)` is called when an Engine has been removed.
    """

    def __init__(
        self,
        around: Surroundings,
        folder: Path,
        *,
        gone: Callable[[str], None] = lambda _: None,
        allowed: AllowedFiles = AllowedFiles(),
    ) -> None:
        self._client = client = around.client
        self._gone = gone
        self._recorder = EventRecorder(client, around.clock, "engine-controller")
        self._screen = TolerantClient(client, "engine-controller")
        self._telling = UnreadableReporter(client, "engine-controller")
        self._lock = threading.Lock()
        self._keepers: dict[str, Keeper] = {}
        #: The status of each Engine that others depend on.
        self._known: dict[str, Object] = {}
        #: Keepers of Engines that are gone, which may still be clearing up.
        self._ending: dict[str, Keeper] = {}
        self._removal = Removal(client, around.clock)
        reports = Reports(client, around.clock, self._recorder)
        self._shared = Shared(
            client,
            around.clock,
            lambda name, access: runtime_of(name, access, around.cluster, around.clock),
            lambda engine, made: _launch(engine, made, around),
            Accesses(client, folder, allowed),
            Claims(),
            reports,
            PlaceholderNode(client, around.clock, reports),
            self._removal,
            self._all,
            around.claimant,
            around.store.taken_over,
        )
        self._feeds = (
            Feed(client, ENGINE.resource, self._hear),
            Feed(client, NODE.resource, self._hear_node, remember=_without_status),
            Feed(client, _SECRETS, self._hear_secret, namespace=SECRET_NAMESPACE),
        )

    def connect(self, node_name: str) -> NodeConnection:
        with self._lock:
            keeper = self._keepers.get(node_name)
        connection = keeper.connection if keeper is not None else None
        if connection is None:
            why = f": {keeper.trouble}" if keeper is not None and keeper.trouble else ""
            raise unavailable(f'no agent of node "{node_name}" is connected{why}')
        return connection

    def start(self) -> None:
        for feed in self._feeds:
            feed.start()

    def stop(self) -> None:
        """End all agents, beside each other; containers go on running."""
        for feed in self._feeds:
            feed.stop()
        with self._lock:
            keepers = list(self._keepers.values())
        threads = [
            threading.Thread(target=keeper.stop, args=(_STOP_SECONDS,), daemon=True)
            for keeper in keepers
        ]
        clock = self._shared.clock
        for thread in threads:
            thread.start()
        deadline = clock.now() + _STOP_ALL_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - clock.now()))
        self._recorder.stop(_STOP_SECONDS / 4)

    def _all(self) -> Sequence[Engine]:
        with self._lock:
            known = list(self._known.values())
        read = (self._telling.decode(ENGINE.resource, Engine, obj) for obj in known)
        return [pair[1] for pair in read if pair is not None]

    # -- what is heard; nothing below blocks
    def _hear(self, event: WatchEvent) -> None:
        if event.type == SYNCED:
            self._screen.guard(self._sweep)
            return
        name = event.object["metadata"]["name"]
        if event.type == "DELETED":
            self._remove(name)
        else:
            self._put(name, event.object)

    def _put(self, name: str, obj: Object) -> None:
        with self._lock:
            before, self._known[name] = self._known.get(name), obj
            keeper = self._keepers.get(name)
            if keeper is None:
                keeper = Keeper(name, self._shared, after=self._ending.pop(name, None))
                self._keepers[name] = keeper
                keeper.start()
        keeper.wake()
        if before is not None and _identity(before) != _identity(obj):
            self._retry_refused(but=name)

    def _remove(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)
            keeper = self._keepers.pop(name, None)
            if keeper is not None:
                self._ending[name] = keeper
        if keeper is not None:
            keeper.end()
        self._retry_refused(but=name)
        self._gone(name)

    def _retry_refused(self, *, but: str) -> None:
        """An engine may have become free."""
        with self._lock:
            keepers = list(self._keepers.values())
        for keeper in keepers:
            if keeper.is_refused and keeper.name != but:
                keeper.retry()

    def _hear_node(self, event: WatchEvent) -> None:
        if event.type != SYNCED:
            self._wake(event.object["metadata"]["name"])

    def _hear_secret(self, event: WatchEvent) -> None:
        """Wake those whose certificates or keys stand there."""
        if event.type == SYNCED:
            return
        secret = event.object["metadata"]["name"]
        for engine in self._all():
            if secret in engine.secret_names:
                self._wake(engine.name)

    def _wake(self, name: str) -> None:
        with self._lock:
            keeper = self._keepers.get(name)
        if keeper is not None:
            keeper.wake()

    def _sweep(self) -> None:
        """Remove Nodes whose Engine went while no daemon ran."""
        damaged = {name for _, name in self._client.list(ENGINE.resource).unreadable}
        for node in self._screen.list(NODE.resource).items:
            name = node["metadata"]["name"]
            with self._lock:
                is_left = name not in self._known and name not in damaged
            if is_left and is_of_our_agent(node):
                _log.info("node %s has no engine any more and is removed", name)
                self._removal.erase(name)


def _launch(engine: Engine, made: Connected, around: Surroundings) -> LocalNode:
    spec = engine.spec
    address = address_of(spec.endpoint)
    return LocalNode(engine.name, address, spec.labels or {}, made.runtime, around)


def _identity(engine: Object) -> tuple[object, object]:
    status = engine.get("status") or {}
    return status.get("engineID"), status.get("phase")


def _without_status(obj: Object) -> Object:
    return {"metadata": obj["metadata"]}

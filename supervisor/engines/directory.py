"""All engines of this daemon: follows Engine objects, and has a keeper for each.

Rules
- Nothing here waits for an engine; keepers are stopped in parallel.
- A Node of ours without an Engine of the same name is removed.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.feed import SYNCED, Feed
from supervisor.client.node import NodeConnection
from supervisor.client.tolerant import TolerantClient
from supervisor.client.unreadable import UnreadableReporter
from supervisor.engines.accesses import Accesses
from supervisor.engines.agents import AgentFactory
from supervisor.engines.claims import Claims
from supervisor.engines.keeper import Keeper
from supervisor.engines.node_view import is_of_our_agent
from supervisor.engines.placeholder_node import PlaceholderNode
from supervisor.engines.removal import Removal
from supervisor.engines.reports import Reports
from supervisor.engines.shared import COMPONENT, Shared
from supervisor.kinds.identity import ENGINE, NODE, SECRET
from supervisor.machinery.clock import Clock
from supervisor.model.engine import SECRET_NAMESPACE, Engine
from supervisor.model.errors import unavailable
from supervisor.model.meta import Object
from supervisor.runtime.ownership import Claimant

_STOP_SECONDS = 0.8
_STOP_ALL_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Engines:
    """The `client.node.NodeDirectory` of the agents in this process.

    `gone(name)` is called after an Engine has been removed; `taken_over` as described
    in `Shared`.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        factory: AgentFactory,
        accesses: Accesses,
        claimant: Claimant,
        *,
        taken_over: Callable[[], None],
        gone: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._gone = gone
        self._recorder = EventRecorder(client, clock, COMPONENT)
        self._tolerant = TolerantClient(client, COMPONENT)
        self._unreadable = UnreadableReporter(client, COMPONENT)
        self._lock = threading.Lock()
        self._keepers: dict[str, Keeper] = {}
        #: All Engines, by name.
        self._known: dict[str, Object] = {}
        #: Keepers of Engines that are gone, which may still be cleaning up.
        self._ending: dict[str, Keeper] = {}
        self._removal = Removal(client)
        self._reports = Reports(client, clock, self._recorder)
        self._shared = self._share(factory, accesses, claimant, taken_over)
        self._feeds = (
            Feed(client, ENGINE.resource, self._on_engine),
            Feed(client, NODE.resource, self._on_node, remember=_without_status),
            Feed(client, SECRET.resource, self._on_secret, namespace=SECRET_NAMESPACE),
        )

    def _share(
        self,
        factory: AgentFactory,
        accesses: Accesses,
        claimant: Claimant,
        taken_over: Callable[[], None],
    ) -> Shared:
        return Shared(
            self._client,
            self._clock,
            factory,
            accesses,
            Claims(),
            self._reports,
            PlaceholderNode(self._client, self._clock, self._reports),
            self._removal,
            self._all,
            claimant,
            taken_over,
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
        """Stop all agents in parallel; containers keep running."""
        for feed in self._feeds:
            feed.stop()
        with self._lock:
            keepers = list(self._keepers.values())
        threads = [
            threading.Thread(target=keeper.stop, args=(_STOP_SECONDS,), daemon=True)
            for keeper in keepers
        ]
        for thread in threads:
            thread.start()
        deadline = self._clock.now() + _STOP_ALL_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - self._clock.now()))
        self._recorder.stop(_STOP_SECONDS / 4)

    def _all(self) -> Sequence[Engine]:
        with self._lock:
            known = list(self._known.values())
        read = (self._unreadable.decode(ENGINE.resource, Engine, obj) for obj in known)
        return [pair[1] for pair in read if pair is not None]

    # -- watch events; nothing below blocks
    def _on_engine(self, event: WatchEvent) -> None:
        if event.type == SYNCED:
            self._tolerant.guard(self._sweep)
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
        """Retry the engines that are refused: one of them may be free now."""
        with self._lock:
            keepers = list(self._keepers.values())
        for keeper in keepers:
            if keeper.is_refused and keeper.name != but:
                keeper.retry()

    def _on_node(self, event: WatchEvent) -> None:
        if event.type != SYNCED:
            self._wake(event.object["metadata"]["name"])

    def _on_secret(self, event: WatchEvent) -> None:
        """Wake the keepers whose certificates or keys the Secret contains."""
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
        """Remove Nodes whose Engine was deleted while no daemon ran."""
        damaged = {name for _, name in self._client.list(ENGINE.resource).unreadable}
        for node in self._tolerant.list(NODE.resource).items:
            name = node["metadata"]["name"]
            with self._lock:
                is_left = name not in self._known and name not in damaged
            if is_left and is_of_our_agent(node):
                _log.info("engine %s: delete node: there is no such Engine", name)
                self._removal.erase(name)


def _identity(engine: Object) -> tuple[object, object]:
    status = engine.get("status") or {}
    return status.get("engineID"), status.get("phase")


def _without_status(obj: Object) -> Object:
    return {"metadata": obj["metadata"]}

"""Keepers with the real API in memory, and fakes of engines and agents.

`bench.answers[ENDPOINT]` is what an engine answers: its info, or an exception.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from supervisor.api.registry import Registry
from supervisor.client.base import ObjectList
from supervisor.client.events import EventRecorder
from supervisor.client.node import NodeConnection
from supervisor.engines.access import Access
from supervisor.engines.accesses import Accesses
from supervisor.engines.agents import Connected
from supervisor.engines.claims import Claims
from supervisor.engines.keeper import Keeper
from supervisor.engines.placeholder_node import PlaceholderNode
from supervisor.engines.removal import Removal
from supervisor.engines.reports import Reports
from supervisor.engines.shared import Shared
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import Engine
from supervisor.model.errors import unavailable
from supervisor.model.meta import Object, decode
from supervisor.model.times import to_text
from supervisor.runtime.base import EngineInfo, EngineUnavailable, Runtime
from supervisor.runtime.ownership import Claimant
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeClaims, FakeRuntime

AWAY = EngineUnavailable("it is away")
_MAX_STEPS = 20
INFO = FakeRuntime(FakeClock()).info()


def info(engine_id: str) -> EngineInfo:
    return replace(INFO, id=engine_id)


class PaperEngine(FakeRuntime):
    """Answers what the test sets; records that it was closed."""

    def __init__(
        self, answer: Callable[[], EngineInfo], claims: FakeClaims | None = None
    ) -> None:
        super().__init__(FakeClock())
        self.claims = claims or self.claims
        self._answer_of_test = answer
        self.is_closed = False

    def info(self) -> EngineInfo:
        return self._answer_of_test()

    def close(self) -> None:
        self.is_closed = True


@dataclass
class PaperNode:
    """An agent that only records its calls."""

    name: str
    labels: Mapping[str, str]
    is_running: bool = False
    left: list[str] = field(default_factory=list)
    """Pods of which the engine has containers."""
    trouble: str = ""
    """Why the engine does not answer."""

    @property
    def connection(self) -> NodeConnection:
        return cast(NodeConnection, self)

    def start(self) -> None:
        self.is_running = True

    def relabel(self, labels: Mapping[str, str]) -> None:
        self.labels = dict(labels)

    def leftovers(self) -> list[str]:
        if self.trouble:
            raise EngineUnavailable(self.trouble)
        return self.left

    def stop(self, timeout: float = 5.0) -> None:
        self.is_running = False


class FailingApi(Registry):
    """Fails one call, after `calls_left` others."""

    calls_left: int | None = None

    def _count(self) -> None:
        if self.calls_left is None:
            return
        self.calls_left -= 1
        if self.calls_left < 0:
            self.calls_left = None
            raise unavailable("the API is away")

    def get(self, *args: Any, **options: Any) -> Object:
        self._count()
        return super().get(*args, **options)

    def list(self, *args: Any, **options: Any) -> ObjectList:
        self._count()
        return super().list(*args, **options)

    def create(self, *args: Any, **options: Any) -> Object:
        self._count()
        return super().create(*args, **options)

    def patch(self, *args: Any, **options: Any) -> Object:
        self._count()
        return super().patch(*args, **options)

    def delete(self, *args: Any, **options: Any) -> Object:
        self._count()
        return super().delete(*args, **options)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self._store = SqliteStore(":memory:")
        self.store = self._store.identity
        self.api = Registry(self._store, self.clock)
        #: The API as keepers have it.
        self.keepers_api = FailingApi(self._store, self.clock)
        #: The claim of each engine, by endpoint.
        self.claims: dict[str, FakeClaims] = {}
        self.recorder = EventRecorder(self.api, self.clock, "engine", threaded=False)
        self.answers: dict[str, EngineInfo | Exception] = {}
        self.tried: list[str] = []
        #: At each takeover, the nodes that had an agent.
        self.taken_over: list[list[str]] = []
        #: The newest agent of each node.
        self.nodes: dict[str, PaperNode] = {}
        self._folder = folder
        self.restart()

    def restart(self) -> None:
        """Start a new daemon, which remembers nothing."""
        self._keepers: dict[str, Keeper] = {}
        for key in self.clock.timers():
            self.clock.cancel(key)
        api = self.keepers_api
        reports = Reports(api, self.clock, self.recorder)
        self.shared = Shared(
            api,
            self.clock,
            self,
            Accesses(api, self._folder),
            Claims(),
            reports,
            PlaceholderNode(api, self.clock, reports),
            Removal(api),
            lambda: [
                decode(Engine, obj) for obj in self.api.list(ENGINE.resource).items
            ],
            Claimant(self.store, "alpha"),
            lambda: self.taken_over.append(list(self.nodes)),
        )

    def open(self, name: str, access: Access) -> Runtime:
        def answer() -> EngineInfo:
            self.tried.append(name)
            found = self.answers.get(access.endpoint, AWAY)
            if isinstance(found, Exception):
                raise found
            return found

        return PaperEngine(answer, self.claims_at(access.endpoint))

    def claims_at(self, endpoint: str) -> FakeClaims:
        return self.claims.setdefault(endpoint, FakeClaims(self.clock))

    def make(self, engine: Engine, connected: Connected) -> PaperNode:
        node = PaperNode(engine.name, engine.spec.labels or {})
        self.nodes[engine.name] = node
        return node

    # -- what users do
    def add(self, name: str, endpoint: str = "", **spec: Any) -> Object:
        """An Engine, with its own endpoint unless one is given."""
        body = {
            "apiVersion": "supervisor.io/v1",
            "kind": "Engine",
            "metadata": {"name": name},
            "spec": {"endpoint": endpoint or f"unix:///{name}", **spec},
        }
        made = self.api.create(ENGINE.resource, body)
        self.look(name)
        return made

    def change(self, name: str, **spec: Any) -> None:
        self.api.patch(ENGINE.resource, name, "", {"spec": spec})
        self.look(name)

    def remove(self, name: str) -> None:
        self.api.delete(ENGINE.resource, name)
        self.look(name)

    # -- what the daemon does
    def keeper(self, name: str) -> Keeper:
        return self._keepers.setdefault(name, Keeper(name, self.shared))

    def look(self, name: str) -> None:
        """Let the keeper do what there is to do now, and write the events."""
        self.keeper(name).wake()
        _work(self.keeper(name))
        self.recorder.flush()

    def advance(self, seconds: float) -> None:
        """Let time pass; keepers look when their timers are due."""
        until = self.clock.now() + seconds
        while (due := self.clock.next_at()) is not None and due <= until:
            self.clock.advance_to(due)
            for keeper in self._keepers.values():
                _work(keeper)
        self.clock.advance_to(until)
        self.recorder.flush()

    def report(self, name: str, engine_id: str, *, ready: bool = True) -> None:
        """Write the state of a Node as its agent would do now."""
        now = to_text(self.clock.now())
        condition = {
            "type": "Ready",
            "status": "True" if ready else "False",
            "reason": "KubeletReady",
            "message": "fine" if ready else "container runtime is down: gone",
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
        }
        system = {"machineID": engine_id, "containerRuntimeVersion": "docker://24.0.1"}
        if not any(n["metadata"]["name"] == name for n in self.api.list("nodes").items):
            body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
            self.api.create("nodes", body)
        status = {"conditions": [condition], "nodeInfo": system}
        self.api.patch("nodes", name, "", {"status": status}, subresource="status")
        self.look(name)

    # -- results
    def status(self, name: str) -> Object:
        status: Object = self.api.get(ENGINE.resource, name)["status"]
        return status

    def phase(self, name: str) -> tuple[str, str]:
        status = self.status(name)
        return status["phase"], status.get("message", "")

    def events(self, reason: str) -> list[str]:
        found = self.api.list("events", fields=f"reason={reason}").items
        return [event["message"] for event in found]

    def running(self) -> list[str]:
        """The nodes whose agents run."""
        return [name for name, node in self.nodes.items() if node.is_running]

    def names(self, resource: str) -> list[str]:
        return [obj["metadata"]["name"] for obj in self.api.list(resource).items]


def _work(keeper: Keeper) -> None:
    for _ in range(_MAX_STEPS):
        if not keeper.step():
            return
    raise AssertionError(f"the keeper of {keeper.name} does not come to rest")

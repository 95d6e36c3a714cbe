"""The agent with its real threads: slow pods delay no other, kills can be hastened."""

import threading
from collections.abc import Callable, Iterator

import pytest

from supervisor.agent.agent import Agent
from supervisor.agent.node.status import NodeFacts
from supervisor.agent.pool import Pool
from supervisor.api.registry import Registry
from supervisor.client.base import DeleteOptions
from supervisor.client.events import EventRecorder
from supervisor.machinery.clock import SystemClock
from supervisor.model.meta import Object
from supervisor.probing.prober import NodeProber
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.asker import FakeAsker
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime

SOON = 10.0


class SlowEngine(FakeRuntime):
    """Stops end when a test says so, or when the container is killed."""

    def __init__(self, clock: SystemClock) -> None:
        super().__init__(clock)
        self.stopping = threading.Event()
        self.let_go = threading.Event()

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        self.stopping.set()
        self.let_go.wait(SOON)
        super().stop_container(container_id, grace_seconds)

    def kill_container(self, container_id: str) -> None:
        super().kill_container(container_id)
        self.let_go.set()


class Running:
    """An agent that runs, on a fake engine."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.engine = SlowEngine(self.clock)
        self.engine.add_image("img:1")
        self.api = Registry(SqliteStore(":memory:"), self.clock)
        self.recorder = EventRecorder(self.api, self.clock, "kubelet")
        asker = FakeAsker(self.clock.now)
        prober = NodeProber(asker, self.clock, lambda _: None, lambda *_: None)
        facts = NodeFacts("n", "192.0.2.7")
        self.agent = Agent(
            facts, self.engine, self.api, self.clock, prober, self.recorder
        )
        self.agent.start()

    def stop(self) -> None:
        self.engine.let_go.set()
        self.agent.stop()
        self.recorder.stop()
        self.clock.close()

    def run(self, name: str) -> None:
        spec = {"nodeName": "n", "containers": [{"name": "app", "image": "img:1"}]}
        body: Object = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": spec,
        }
        self.api.create("pods", body, "default")

    def eventually(self, holds: Callable[[], bool]) -> None:
        pause = threading.Event()
        until = self.clock.now() + SOON
        while not holds():
            assert self.clock.now() < until
            pause.wait(0.005)


@pytest.fixture
def site() -> Iterator[Running]:
    """A running agent, stopped at the end."""
    running = Running()
    yield running
    running.stop()


def test_a_death_is_answered_at_once(site: Running) -> None:
    """The engine's event alone leads to a new container."""
    site.run("web")
    site.eventually(lambda: site.engine.running("web") == ["app"])
    first = site.engine.exit("web", "app", 1)

    site.eventually(lambda: site.engine.running("web") == ["app"])
    assert any(call[:3] == ("create_container", "app", 1) for call in site.engine.calls)
    assert first


def test_a_pod_that_stops_slowly_delays_no_other(site: Running) -> None:
    """While one pod uses up its grace, others start."""
    site.run("slow")
    site.eventually(lambda: site.engine.running("slow") == ["app"])
    site.api.delete("pods", "slow", "default", None)
    assert site.engine.stopping.wait(SOON)
    for number in range(5):
        site.run(f"p{number}")

    for number in range(5):
        name = f"p{number}"
        site.eventually(lambda n=name: site.engine.running(n) == ["app"])  # type: ignore[misc]
    assert not site.engine.let_go.is_set()


def test_a_forced_deletion_shortens_a_stop_under_way(site: Running) -> None:
    """Nobody waits for the rest of the grace."""
    site.run("slow")
    site.eventually(lambda: site.engine.running("slow") == ["app"])
    site.api.delete("pods", "slow", "default", None)
    assert site.engine.stopping.wait(SOON)

    options = DeleteOptions(grace_period_seconds=0)
    site.api.delete("pods", "slow", "default", options)

    assert site.engine.let_go.wait(SOON)
    site.eventually(lambda: not site.engine.pods())


def test_an_engine_that_comes_back_is_listened_to_again(site: Running) -> None:
    """What died meanwhile is found, though no event told of it."""
    site.run("web")
    site.eventually(lambda: site.engine.running("web") == ["app"])
    site.engine.unavailable = True
    site.engine.unavailable = False

    site.engine.exit("web", "app", 1)

    site.eventually(lambda: site.engine.running("web") == ["app"])


def test_a_pool_grows_with_the_work_up_to_its_limit() -> None:
    """One thread more than there are busy ones, and never more than allowed."""
    gate, at_work = threading.Event(), threading.Semaphore(0)

    def work(_: str) -> None:
        at_work.release()
        gate.wait(SOON)

    pool = Pool("test", work, FakeClock(), most=3)
    pool.start()
    for number in range(5):
        pool.controller.wake(str(number))
    for _ in range(3):
        assert at_work.acquire(timeout=SOON)
    names = {t.name for t in threading.enumerate() if t.name.startswith("test-")}
    assert names == {"test-0", "test-1", "test-2"}
    gate.set()
    assert pool.controller.drain(SOON)
    pool.stop()


def test_a_pool_shrinks_when_the_work_is_done() -> None:
    """One thread stays, and the pool grows again."""
    at_work = threading.Barrier(4)

    def work(_: str) -> None:
        at_work.wait(SOON)

    pool = Pool("few", work, FakeClock(), most=9, idle_seconds=0.01)
    pool.start()
    for _ in range(2):
        for number in range(3):
            pool.controller.wake(str(number))
        at_work.wait(SOON)
        assert pool.controller.drain(SOON)
        left = [t for t in threading.enumerate() if t.name.startswith("few-")]
        until = SystemClock().now() + SOON
        while len([t for t in left if t.is_alive()]) > 1:
            assert SystemClock().now() < until
    pool.stop()

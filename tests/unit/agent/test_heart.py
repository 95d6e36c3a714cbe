"""What is asked of an engine, and when that renews the node's Lease."""

import threading

import pytest

from supervisor.agent.node.engine_health import EngineHealth
from supervisor.agent.node.heartbeat import Heart
from supervisor.agent.node.lease import NodeLease
from supervisor.api.registry import Registry
from supervisor.machinery.clock import SystemClock
from supervisor.model.errors import unavailable
from supervisor.model.failover import Failover
from supervisor.model.meta import Object
from supervisor.runtime.base import EngineUnavailable
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import START, FakeClock

LEASE = ("leases.coordination.k8s.io", "n", "kube-node-lease")


class Lane:
    """A connection to an engine that answers, or not, as the test wants it."""

    def __init__(self) -> None:
        self.silent = False
        self.asked = 0

    def ask(self, timeout: float) -> None:
        self.asked += 1
        if self.silent:
            raise EngineUnavailable("no answer in time")

    def close(self) -> None:
        """Nothing is ever being asked."""


class Chest:
    """A heart on a fake clock, whose questions are answered where they are asked."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.lanes = [Lane() for _ in range(4)]
        self.renewals: list[float] = []
        self.refusing = False
        self.changes: list[str] = []
        self.health = EngineHealth(
            "n",
            self.clock,
            lambda: self.changes.append(self.health.error),
            patience_seconds=6,
        )
        self.resumed_at: list[float] = []
        self.heart = Heart(
            "n",
            self.lanes,
            self.health,
            self.clock,
            Failover(),
            self._renew,
            lambda: self.resumed_at.append(self.clock.now() - START),
        )

    def _renew(self) -> None:
        if self.refusing:
            raise unavailable("the API is away")
        self.renewals.append(round(self.clock.now() - START, 3))

    def pass_time(self, seconds: float) -> None:
        """A question every half a second."""
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.heart.beat()
            while self.heart.pool.controller.step():
                pass

    def silence(self, *numbers: int, silent: bool = True) -> None:
        for number in numbers or range(4):
            self.lanes[number].silent = silent


@pytest.fixture
def chest() -> Chest:
    """A heart that beats."""
    return Chest()


def test_an_engine_that_answers_renews_the_lease_every_two_seconds(
    chest: Chest,
) -> None:
    """By every fourth answer, and no oftener."""
    chest.pass_time(8)

    assert chest.renewals == [0.5, 2.5, 4.5, 6.5]


def test_the_lanes_are_asked_in_turn(chest: Chest) -> None:
    """So that all connections stay warm."""
    chest.pass_time(8)

    assert [lane.asked for lane in chest.lanes] == [4, 4, 4, 4]


def test_silence_stops_the_renewals_at_once(chest: Chest) -> None:
    """Nothing is renewed on credit; the first answer renews again."""
    chest.pass_time(3)
    chest.silence()
    chest.pass_time(20)
    assert chest.renewals == [0.5, 2.5]

    chest.silence(silent=False)
    chest.pass_time(0.5)
    assert chest.renewals == [0.5, 2.5, 23.5]


def test_one_lane_that_answers_is_enough(chest: Chest) -> None:
    """Whatever has become of the others' packets."""
    chest.pass_time(2)
    chest.silence(0, 1, 2)
    chest.pass_time(8)

    assert chest.renewals == [0.5, 4, 6, 8, 10]
    assert chest.changes == []


def test_a_late_renewal_is_told(chest: Chest) -> None:
    """Others may have taken the node for lost, though we have not."""
    chest.pass_time(3)
    chest.silence()
    chest.pass_time(4)
    chest.silence(silent=False)
    chest.pass_time(10)

    assert chest.resumed_at == [0.5, 7.5]
    assert chest.changes == []


def test_an_engine_is_away_after_the_grace(chest: Chest) -> None:
    """Said once; and once when it is back."""
    chest.pass_time(2)
    chest.silence()
    chest.pass_time(5.5)
    assert chest.health.error == ""

    chest.pass_time(0.5)
    assert chest.health.error == "no answer in time"
    with pytest.raises(EngineUnavailable):
        chest.health.require()

    chest.pass_time(20)
    chest.silence(silent=False)
    chest.pass_time(2)
    assert chest.changes == ["no answer in time", ""]


def test_an_engine_that_never_answered_is_away_at_once(chest: Chest) -> None:
    """Nobody has reason to be patient."""
    chest.silence()
    chest.pass_time(0.5)

    assert chest.changes == ["no answer in time"]


def test_a_renewal_that_fails_is_tried_with_the_next_answer(chest: Chest) -> None:
    """An API that is away for a moment costs half a second."""
    chest.refusing = True
    chest.pass_time(2)
    chest.refusing = False
    chest.pass_time(0.5)

    assert chest.renewals == [2.5]


def test_a_trouble_with_the_lease_is_told_of_once(
    chest: Chest, caplog: pytest.LogCaptureFixture
) -> None:
    """And once more when it comes back after a renewal."""
    caplog.set_level("INFO")
    for _ in range(2):
        chest.refusing = True
        chest.pass_time(5)
        chest.refusing = False
        chest.pass_time(5)

    told = [text for text in caplog.messages if "could not be renewed" in text]
    assert len(told) == 2


def test_a_lane_that_hangs_is_left_to_hang() -> None:
    """The others are asked in its place, each by a thread of its own."""
    clock, hanging = SystemClock(), threading.Event()
    renewed = threading.Semaphore(0)

    class Hanging(Lane):
        def ask(self, timeout: float) -> None:
            self.asked += 1
            hanging.wait(60)

        def close(self) -> None:
            hanging.set()

    lanes = [Hanging(), Lane(), Hanging(), Hanging()]
    health = EngineHealth("n", clock, lambda: None, patience_seconds=1)
    numbers = Failover(0.2, 1, 0)
    heart = Heart("n", lanes, health, clock, numbers, renewed.release, print)
    heart.start()
    for _ in range(3):
        assert renewed.acquire(timeout=10)
    heart.stop()
    clock.close()

    assert [lane.asked for lane in lanes if isinstance(lane, Hanging)] == [1, 1, 1]


def test_the_lease_belongs_to_the_node() -> None:
    """It is made when there is a node, and goes with it."""
    clock = FakeClock()
    api = Registry(SqliteStore(":memory:"), clock)
    lease = NodeLease("n", api, clock, Failover())
    assert lease.renew() is False

    body: Object = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
    uid = api.create("nodes", body)["metadata"]["uid"]
    assert lease.renew() is True
    first = api.get(*LEASE)
    assert first["metadata"]["ownerReferences"][0]["uid"] == uid
    assert first["spec"]["leaseDurationSeconds"] == 6

    clock.advance(2)
    assert lease.renew() is True
    assert api.get(*LEASE)["spec"]["renewTime"] > first["spec"]["renewTime"]

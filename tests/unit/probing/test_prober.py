"""When a node's containers are probed, and what is told of it."""

import pytest

from supervisor.model.meta import Object, ObjectMeta
from supervisor.model.pod import Container, HttpGetAction, Pod, PodSpec, Probe
from supervisor.probing.base import Attempt, Kind, Outcome, Result, Target
from supervisor.probing.prober import NodeProber
from supervisor.runtime.reach import PodAddress
from tests.fakes.asker import FakeAsker
from tests.fakes.clock import START, FakeClock

BAD = Attempt(Outcome.FAILURE, "HTTP probe failed with statuscode: 500")
ERROR = Attempt(Outcome.ERROR, "unexpected EOF")
GET = HttpGetAction(port=8080)


class Node:
    """A prober on a fake clock, with one pod `web` of one container `app`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.asker = FakeAsker(self.clock.now)
        self.woken: list[str] = []
        self.events: list[tuple[str, str, str]] = []
        self.prober = NodeProber(
            self.asker, self.clock, self.woken.append, self._record
        )
        self.pod = Pod(ObjectMeta(name="web", namespace="default", uid="u1"))

    def _record(self, obj: Object, type_: str, reason: str, text: str, at: str) -> None:
        self.events.append((reason, text, at))

    def declare(
        self,
        *,
        liveness: Probe | None = None,
        readiness: Probe | None = None,
        startup: Probe | None = None,
        deleting: bool = False,
    ) -> None:
        app = Container(
            "app",
            liveness_probe=liveness,
            readiness_probe=readiness,
            startup_probe=startup,
        )
        stamp = "2026-01-02T03:04:05Z" if deleting else None
        meta = ObjectMeta(
            name="web", namespace="default", uid="u1", deletion_timestamp=stamp
        )
        self.pod = Pod(meta, PodSpec(containers=(app,)))
        self.sync(*self.targets)

    targets: tuple[Target, ...] = ()

    def runs(self, container_id: str, *, started: bool = True) -> None:
        """The container runs from now on, as that incarnation."""
        self.targets = (Target("app", container_id, self.clock.now(), started),)
        self.sync(*self.targets)
        self.clock.advance(0)

    def dies(self) -> None:
        self.targets = ()
        self.sync()

    def sync(self, *targets: Target) -> None:
        address = PodAddress("10.0.0.9")
        self.prober.sync(self.pod, address, {t.container: t for t in targets})

    def finds(self, *attempts: Attempt) -> None:
        self.asker.script["app"] += attempts

    def asked_at(self) -> list[float]:
        return [a.at - START for a in self.asker.asked]

    def result(self, kind: Kind) -> Result:
        return self.prober.verdicts("u1")["app", kind].result


@pytest.fixture
def node() -> Node:
    return Node()


def every(period: int, *, failures: int = 3, delay: int = 0, timeout: int = 1) -> Probe:
    return Probe(
        http_get=GET,
        period_seconds=period,
        failure_threshold=failures,
        initial_delay_seconds=delay,
        timeout_seconds=timeout,
    )


def test_a_running_container_is_probed_each_period(node: Node) -> None:
    """The first attempt comes with the first tick, the others a period apart."""
    node.declare(liveness=every(10))
    node.runs("a")
    node.clock.advance(35)

    assert node.asked_at() == [0, 10, 20, 30]


def test_ticks_are_skipped_until_the_container_runs(node: Node) -> None:
    """The ticker starts with the pod and keeps its phase."""
    node.declare(liveness=every(10))
    node.clock.advance(4)
    node.runs("a")
    node.clock.advance(20)

    assert node.asked_at() == [10, 20]


def test_the_initial_delay_ends_with_the_next_tick(node: Node) -> None:
    """A delay of 15 s with a period of 10 s means a first attempt after 20 s."""
    node.declare(liveness=every(10, delay=15))
    node.runs("a")
    node.clock.advance(30)

    assert node.asked_at() == [20, 30]


def test_readiness_is_asked_as_soon_as_the_container_runs(node: Node) -> None:
    """Nobody waits a period for a container that is ready at once."""
    node.declare(readiness=every(10))
    node.clock.advance(4)
    node.runs("a")

    assert node.asked_at() == [4]
    assert node.result(Kind.READINESS) is Result.SUCCESS


def test_a_changed_result_wakes_the_pod_once(node: Node) -> None:
    """Three failures wake the pod at the third, and further ones do not."""
    node.declare(liveness=every(10))
    node.finds(BAD, BAD, BAD)
    node.runs("a")
    node.clock.advance(19)
    assert node.woken == []

    node.clock.advance(100)
    assert node.woken == ["u1"]


def test_a_failed_liveness_probe_rests_until_a_new_container_runs(node: Node) -> None:
    """The container is being killed: probing it further would mean nothing."""
    node.declare(liveness=every(10, failures=1))
    node.finds(BAD)
    node.runs("a")
    node.clock.advance(25)
    assert node.asked_at() == [0]

    node.dies()
    node.runs("b")
    node.clock.advance(10)
    assert [a.container_id for a in node.asker.asked] == ["a", "b"]
    assert node.result(Kind.LIVENESS) is Result.SUCCESS


def test_each_failing_attempt_is_an_event(node: Node) -> None:
    """The event says which probe failed, why, and of which container."""
    node.declare(liveness=every(10))
    node.finds(BAD)
    node.runs("a")

    text = "Liveness probe failed: HTTP probe failed with statuscode: 500"
    assert node.events == [("Unhealthy", text, "spec.containers{app}")]


def test_a_warning_is_an_event_of_its_own(node: Node) -> None:
    """A redirect elsewhere is told but harms nobody."""
    node.declare(liveness=every(10, failures=1))
    node.finds(Attempt(Outcome.WARNING, "Probe terminated redirects"))
    node.runs("a")

    assert [reason for reason, _, _ in node.events] == ["ProbeWarning"]
    assert node.result(Kind.LIVENESS) is Result.SUCCESS


def test_an_error_is_tried_three_times_and_then_forgotten(node: Node) -> None:
    """Errors never add up to a failure, however many there are."""
    node.declare(liveness=every(10, failures=1))
    node.finds(*[ERROR] * 6)
    node.runs("a")
    node.clock.advance(10)

    assert node.asked_at() == [0, 0, 0, 10, 10, 10]
    assert node.result(Kind.LIVENESS) is Result.SUCCESS
    assert node.events[0][1] == (
        "Liveness probe errored and resulted in unknown state: unexpected EOF"
    )


def test_an_answer_on_the_second_try_counts(node: Node) -> None:
    """An error that goes away leaves no trace."""
    node.declare(liveness=every(10, failures=1))
    node.finds(ERROR, BAD)
    node.runs("a")

    assert node.result(Kind.LIVENESS) is Result.FAILURE


def test_only_startup_is_asked_until_it_passes(node: Node) -> None:
    """Liveness and readiness wait for startup; readiness follows it at once."""
    node.declare(startup=every(5, failures=10), liveness=every(3), readiness=every(60))
    node.finds(BAD, BAD)
    node.runs("a", started=False)
    node.clock.advance(9)
    assert node.asked_at() == [0, 5]

    node.clock.advance(1)
    assert node.result(Kind.STARTUP) is Result.SUCCESS
    assert node.asked_at()[2:4] == [10, 10]
    node.clock.advance(3)
    assert node.result(Kind.READINESS) is Result.SUCCESS
    assert node.asked_at()[4:] == [12]


def test_a_slow_attempt_is_not_overtaken(node: Node) -> None:
    """One attempt at a time; a tick missed meanwhile is made up for at once."""
    node.declare(liveness=every(1, timeout=5))
    node.asker.hanging = True
    node.runs("a")
    node.clock.advance(5)
    assert node.asked_at() == [0]

    node.asker.answer_all()
    assert node.asked_at() == [0, 5]


def test_a_late_answer_about_a_dead_container_says_nothing(node: Node) -> None:
    """What was wrong with the last container must not kill the next one."""
    node.declare(liveness=every(10, failures=1))
    node.finds(BAD)
    node.asker.hanging = True
    node.runs("a")
    node.runs("b")
    node.asker.answer_all()

    assert node.result(Kind.LIVENESS) is Result.SUCCESS
    assert node.events == []


def test_a_pod_being_deleted_is_asked_only_for_readiness(node: Node) -> None:
    """Liveness must not interfere with the shutdown."""
    node.declare(liveness=every(10), readiness=every(10))
    node.runs("a")
    node.declare(liveness=every(10), readiness=every(10), deleting=True)
    node.asker.asked.clear()
    node.clock.advance(10)

    assert node.asked_at() == [10]
    assert set(node.prober.verdicts("u1")) == {("app", Kind.READINESS)}


def test_a_forgotten_pod_leaves_no_timers(node: Node) -> None:
    """Nothing of a pod remains when it is gone."""
    node.declare(liveness=every(10), readiness=every(10))
    node.runs("a")
    node.prober.forget("u1")

    assert node.clock.timers() == {}
    assert node.prober.verdicts("u1") == {}

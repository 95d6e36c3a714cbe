"""Failures without an answer, on hosts that may be the ones that fail."""

from collections.abc import Callable

import pytest

from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.confirm import Confirmation
from supervisor.runtime.base import EngineUnavailable

SILENT = Attempt(Outcome.FAILURE, "i/o timeout", answered=False)


class Host:
    """An engine whose answer takes some time, or does not come."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        #: How long its answers take, over and over.
        self.takes = [0.0]
        self.pings = 0
        self.found: list[Attempt] = []
        self._now = 0.0
        self._work: list[Callable[[], None]] = []
        self.confirmation = Confirmation(
            self._ping, self._work.append, lambda: self._now
        )

    def _ping(self) -> None:
        self._now += self.takes[self.pings % len(self.takes)]
        self.pings += 1
        if self.error:
            raise self.error

    def finds(self, attempt: Attempt) -> None:
        self.confirmation.confirm(attempt, self.found.append)

    def look(self) -> None:
        while self._work:
            self._work.pop(0)()


@pytest.mark.parametrize(
    "attempt",
    [
        Attempt(Outcome.SUCCESS),
        Attempt(Outcome.WARNING, "redirects"),
        Attempt(Outcome.FAILURE, "HTTP probe failed with statuscode: 500"),
        Attempt(Outcome.ERROR, "unexpected EOF"),
    ],
)
def test_an_answer_is_believed(attempt: Attempt) -> None:
    """At once, and without a look at the engine."""
    host = Host()
    host.finds(attempt)

    assert host.found == [attempt]
    assert host.pings == 0


def test_silence_counts_when_the_host_answers() -> None:
    """Then it is the container that does not."""
    host = Host()
    host.finds(SILENT)
    assert host.found == []
    host.look()

    assert host.found == [SILENT]


@pytest.mark.parametrize(
    ("error", "takes", "why"),
    [
        (EngineUnavailable("ssh to lab: gone"), [0.0], "ssh to lab: gone"),
        (None, [3.0], "it took 3.0s to answer"),
        (None, [0.01, 0.01, 0.01, 0.23], "it took 0.2s to answer"),
        (None, [0.23, 0.01], "it took 0.2s to answer"),
    ],
)
def test_silence_counts_as_nothing_when_the_host_is_in_trouble(
    error: Exception | None, takes: list[float], why: str
) -> None:
    """Away, or so late that the silence may have been a lost packet's."""
    host = Host()
    host.error, host.takes = error, takes
    host.finds(SILENT)
    host.look()

    (attempt,) = host.found
    assert attempt.outcome is Outcome.ERROR
    assert "i/o timeout" in attempt.output and why in attempt.output


def test_one_look_serves_all_that_wait_for_it() -> None:
    """A host that goes down with many pods is not asked once for each."""
    host = Host()
    for _ in range(90):
        host.finds(SILENT)
    host.look()

    assert host.pings == 5
    assert len(host.found) == 90


def test_a_long_way_to_a_host_is_no_trouble() -> None:
    """Late is measured from the best answer that there was."""
    host = Host()
    host.takes = [0.4, 0.5]
    host.finds(SILENT)
    host.look()

    assert host.found == [SILENT]
    assert host.found[0].outcome is Outcome.FAILURE


def test_a_failure_during_a_look_has_a_look_of_its_own() -> None:
    """The one under way may have found the host well before this began."""
    host = Host()

    def again(attempt: Attempt) -> None:
        host.found.append(attempt)
        host.finds(SILENT)

    host.confirmation.confirm(SILENT, again)
    host.look()

    assert host.pings == 10
    assert len(host.found) == 2

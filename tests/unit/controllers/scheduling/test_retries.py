"""When pods that fitted nowhere are tried again."""

from supervisor.controllers.scheduling.changes import ALL
from supervisor.controllers.scheduling.retries import Retries
from tests.unit.controllers.build import waiting

POD = waiting("a")


def refused(times: int = 1) -> Retries:
    """The pod was tried in vain this often, the last time at 0."""
    retries = Retries()
    for _ in range(times):
        retries.refused(POD, 0)
    return retries


def test_a_pod_that_was_never_tried_is_due() -> None:
    """Nothing has to be waited for."""
    assert Retries().is_due(POD, 0)
    assert Retries().next_at() is None


def test_without_any_change_the_pod_waits_five_minutes() -> None:
    """Nothing says that it would fit sooner."""
    retries = refused(times=3)

    assert retries.next_at() == 300
    assert not retries.is_due(POD, 299)
    assert retries.is_due(POD, 300)


def test_after_a_change_the_pause_grows_with_the_tries() -> None:
    """From one second to ten, counted from the last try."""
    pauses = []
    for times in range(1, 7):
        retries = refused(times)
        retries.something_changed(ALL)
        pauses.append(retries.next_at())

    assert pauses == [1, 2, 4, 8, 10, 10]


def test_a_change_long_after_the_last_try_is_acted_on_at_once() -> None:
    """The pause has passed already."""
    retries = refused()
    retries.something_changed(ALL)

    assert retries.is_due(POD, 60)


def test_a_change_counts_for_one_try() -> None:
    """The next one needs another change."""
    retries = refused()
    retries.something_changed(ALL)
    retries.refused(POD, 5)

    assert retries.next_at() == 305


def test_a_change_of_the_pod_itself_counts_for_it_alone() -> None:
    """Its labels or its spec; its status does not matter."""
    retries = refused()
    retries.refused(waiting("b"), 0)

    assert not retries.is_due(waiting("a", restarts=3), 0)
    assert retries.next_at() == 300
    bold = waiting("a", tolerations=[{"operator": "Exists"}])
    assert not retries.is_due(bold, 0)
    assert retries.is_due(bold, 1)
    assert not retries.is_due(waiting("b"), 1)


def test_a_pod_that_waits_no_longer_is_forgotten() -> None:
    """Gone or placed, it wakes nobody."""
    retries = refused()
    retries.keep(())

    assert retries.next_at() is None
    assert retries.is_due(POD, 0)

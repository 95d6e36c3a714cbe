"""One timer calls all who want the same pace."""

from supervisor.machinery.ticker import Ticker
from tests.fakes.clock import FakeClock


def test_all_are_called_at_one_pace() -> None:
    """Everybody is called at once when added, and then at each beat."""
    clock, called = FakeClock(), list[str]()
    ticker = Ticker(clock, 2.0)
    ticker.add("a", lambda: called.append("a"))
    clock.advance(0)
    clock.advance(1)
    ticker.add("b", lambda: called.append("b"))
    assert called == ["a", "b"]

    clock.advance(1)

    assert called == ["a", "b", "a", "b"]


def test_who_is_removed_is_not_called() -> None:
    """And the others go on; whoever comes after all have gone is called again."""
    clock, called = FakeClock(), list[str]()
    ticker = Ticker(clock, 2.0)
    ticker.add("a", lambda: called.append("a"))
    ticker.add("b", lambda: called.append("b"))
    clock.advance(0)
    called.clear()
    ticker.remove("a")
    clock.advance(2)
    assert called == ["b"]

    ticker.remove("b")
    clock.advance(4)
    assert called == ["b"]

    ticker.add("c", lambda: called.append("c"))
    clock.advance(2)
    assert called == ["b", "c", "c"]

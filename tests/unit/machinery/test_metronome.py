"""One timer calls all who want the same pace."""

from supervisor.machinery.metronome import Metronome
from tests.fakes.clock import FakeClock


def test_all_are_called_at_one_pace() -> None:
    """Everybody is called at once when added, and then at each beat."""
    clock, called = FakeClock(), list[str]()
    metronome = Metronome(clock, 2.0)
    metronome.add("a", lambda: called.append("a"))
    clock.advance(0)
    clock.advance(1)
    metronome.add("b", lambda: called.append("b"))
    assert called == ["a", "b"]

    clock.advance(1)

    assert called == ["a", "b", "a", "b"]


def test_who_is_removed_is_not_called() -> None:
    """And the others go on; whoever comes after all have gone is called again."""
    clock, called = FakeClock(), list[str]()
    metronome = Metronome(clock, 2.0)
    metronome.add("a", lambda: called.append("a"))
    metronome.add("b", lambda: called.append("b"))
    clock.advance(0)
    called.clear()
    metronome.remove("a")
    clock.advance(2)
    assert called == ["b"]

    metronome.remove("b")
    clock.advance(4)
    assert called == ["b"]

    metronome.add("c", lambda: called.append("c"))
    clock.advance(2)
    assert called == ["b", "c", "c"]

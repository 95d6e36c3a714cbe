"""An engine on which nothing is changed without permission."""

import pytest

from supervisor.runtime.base import EngineUnavailable, Runtime
from supervisor.runtime.fenced import CHANGES, READS, fenced
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime


def test_every_verb_is_a_change_or_not() -> None:
    """A new one has to be told apart in fenced.py."""
    verbs = {name for name in vars(Runtime) if not name.startswith("_")}

    assert verbs == CHANGES | READS
    assert not CHANGES & READS


def test_a_change_needs_permission_and_a_look_does_not() -> None:
    """Without it the engine is not even asked."""
    engine = FakeRuntime(FakeClock())

    def no() -> None:
        raise EngineUnavailable("not yours")

    guarded = fenced(engine, no)

    assert guarded.pods() == {}
    with pytest.raises(EngineUnavailable, match="not yours"):
        guarded.remove_container("c1")
    assert engine.calls == []


def test_with_permission_a_change_is_made() -> None:
    """And its answer is the engine's."""
    engine = FakeRuntime(FakeClock())

    fenced(engine, lambda: None).remove_volumes("u1")

    assert engine.calls == [("remove_volumes", "u1")]

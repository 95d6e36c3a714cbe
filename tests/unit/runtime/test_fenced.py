"""An engine on which pods are changed only with permission."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from supervisor.runtime.base import (
    EngineConnection,
    EngineUnavailable,
    Images,
    Inventory,
    Pods,
    Runtime,
    Streams,
    Volumes,
)
from supervisor.runtime.fenced import fenced
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime

CONTRACTS = (EngineConnection, Pods, Volumes, Images, Streams, Inventory)
CHANGES = {
    "start_sandbox",
    "remove_sandbox",
    "remove_volumes",
    "create_container",
    "start_container",
    "stop_container",
    "kill_container",
    "remove_container",
    "remove_labelled",
    "remove_volume",
    "write_files",
}
READS = {
    "claims",
    "close",
    "dial",
    "dial_inside",
    "events",
    "exec",
    "image",
    "images",
    "info",
    "labelled",
    "load_image",
    "logs",
    "open_attach",
    "open_exec",
    "ping",
    "pod",
    "pods",
    "pull",
    "pulse",
    "reach",
    "save_image",
    "termination_message",
}
"""What is done inside containers, and images, change no pod."""


class Refused(EngineUnavailable):
    """The caller has no permission."""


def refuse() -> None:
    raise Refused("not yours")


def call(method: Callable[..., Any]) -> None:
    """Call a method with something for each of its arguments."""
    given: dict[str, Any] = dict.fromkeys(inspect.signature(method).parameters)
    method(**given)


def test_every_verb_is_a_change_or_not() -> None:
    """A new one has to be told apart in fenced.py."""
    verbs = {v for c in CONTRACTS for v in vars(c) if not v.startswith("_")}

    assert verbs == CHANGES | READS
    assert not CHANGES & READS


def test_the_small_contracts_are_the_whole_one() -> None:
    """No verb stands outside of them, or in two."""
    verbs = [v for c in CONTRACTS for v in vars(c) if not v.startswith("_")]

    assert len(verbs) == len(set(verbs))
    assert set(CONTRACTS) <= set(Runtime.__mro__)
    assert not [v for v in vars(Runtime) if not v.startswith("_")]


@pytest.mark.parametrize("verb", sorted(CHANGES))
def test_no_change_is_made_without_permission(verb: str) -> None:
    """The engine is not even asked."""
    engine = FakeRuntime(FakeClock())

    with pytest.raises(Refused):
        call(getattr(fenced(engine, refuse), verb))

    assert engine.calls == []


def test_a_change_needs_permission_and_a_look_does_not() -> None:
    """Without it the engine is not even asked."""
    engine = FakeRuntime(FakeClock())
    guarded = fenced(engine, refuse)

    assert guarded.pods() == {}
    with pytest.raises(EngineUnavailable, match="not yours"):
        guarded.remove_container("c1")
    assert engine.calls == []


def test_with_permission_a_change_is_made() -> None:
    """And its answer is the engine's."""
    engine = FakeRuntime(FakeClock())

    fenced(engine, lambda: None).remove_volumes("u1")

    assert engine.calls == [("remove_volumes", "u1")]

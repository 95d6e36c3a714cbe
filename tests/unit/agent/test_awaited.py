"""What is waited for is followed as long as somebody waits, and no longer."""

import threading
from collections.abc import Iterator

import pytest

from supervisor.agent.pods.execute.awaited import Awaited
from supervisor.agent.pods.failures import HostPort, MissingObject
from supervisor.api.registry import Registry
from supervisor.client.base import WatchEvent
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock
from tests.fakes.manifests import config_map

SETTINGS = MissingObject("configmaps", "default", "settings")


class Waiters:
    """Containers that wait, over a real API in memory."""

    def __init__(self) -> None:
        self.api = Registry(SqliteStore(":memory:"), FakeClock())
        self.released: list[tuple[str, str]] = []
        self.came = threading.Event()
        self.awaited = Awaited(self.api, self._release)

    def _release(self, uid: str, container: str) -> None:
        self.released.append((uid, container))
        self.came.set()

    def make(self) -> None:
        self.api.create("configmaps", config_map(), "default")


@pytest.fixture
def waiters() -> Iterator[Waiters]:
    made = Waiters()
    yield made
    ending = following()
    made.awaited.stop()
    for thread in ending:
        thread.join(5)


def following() -> list[threading.Thread]:
    """The threads that follow something."""
    return [t for t in threading.enumerate() if t.name.startswith("feed-")]


def test_who_waits_is_woken_by_what_the_api_tells(waiters: Waiters) -> None:
    """Whether it came before or after; nothing else of that pod is woken."""
    waiters.awaited.start()
    waiters.awaited.put("u", "app", SETTINGS)
    waiters.awaited.put("u", "other", MissingObject("configmaps", "default", "x"))
    waiters.make()

    assert waiters.came.wait(5)
    assert waiters.released == [("u", "app")]


def test_nothing_is_followed_for_nobody(waiters: Waiters) -> None:
    """One watch for all that wait, which ends with the last of them."""
    waiters.awaited.start()
    waiters.awaited.put("u", "app", HostPort())
    assert following() == []

    waiters.awaited.put("u", "app", SETTINGS)
    waiters.awaited.put("v", "app", SETTINGS)
    (thread,) = following()
    assert thread.name == "feed-configmaps"
    waiters.awaited.forget("u")
    assert following() == [thread]
    waiters.awaited.put("v", "app", None)
    thread.join(5)

    assert following() == []


def test_what_came_between_the_look_and_the_wait_counts_once(waiters: Waiters) -> None:
    """What was heard of may be gone again by now."""
    meta = {"namespace": "default", "name": "settings", "resourceVersion": "7"}
    waiters.awaited.hear("configmaps", WatchEvent("ADDED", {"metadata": meta}))
    waiters.awaited.put("u", "app", SETTINGS)
    waiters.awaited.put("u", "app", SETTINGS)

    assert waiters.released == [("u", "app")]


def test_a_port_is_given_to_all_who_wait_for_one(waiters: Waiters) -> None:
    """The engine decides who gets it."""
    waiters.awaited.put("u", "POD", HostPort())
    waiters.awaited.put("v", "POD", HostPort())
    waiters.awaited.put("w", "app", SETTINGS)
    waiters.awaited.freed()

    assert waiters.released == [("u", "POD"), ("v", "POD")]

"""A container that runs is asked for once, and yet no death is missed."""

from typing import Any, cast

from supervisor.runtime.base import POD_UID, State
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.pods.observe import Observer


class Host:
    """An engine whose lists learn of a death later than who asks for the container."""

    def __init__(self) -> None:
        self.api = self
        self.status = "running"
        self.inspected = 0
        self.observer = Observer(cast(EngineClient, self), {})
        self.observer.events_opened(self)

    def containers(self, **_: Any) -> Any:
        labels = {POD_UID: "u1"}
        return [{"Id": "c1", "State": "running", "Status": "Up", "Labels": labels}]

    def volumes(self, **_: Any) -> Any:
        return {"Volumes": None}

    def inspect_container(self, _: str) -> Any:
        self.inspected += 1
        began = "2026-01-01T00:00:00Z"
        return {
            "Id": "c1",
            "Created": began,
            "Image": "sha256:1",
            "Config": {"Labels": {POD_UID: "u1"}, "Image": "app"},
            "State": {
                "Status": self.status,
                "StartedAt": began,
                "FinishedAt": began,
                "ExitCode": 0,
                "OOMKilled": False,
                "Error": "",
            },
        }

    def state(self) -> State:
        seen = self.observer.pod("u1")
        assert seen is not None
        return seen.containers[0].state


def test_a_running_container_is_asked_for_once() -> None:
    """As long as events tell of every start and end."""
    host = Host()
    assert [host.state(), host.state()] == [State.RUNNING, State.RUNNING]
    assert host.inspected == 1

    host.observer.events_ended(host)
    host.state()

    assert host.inspected == 2


def test_a_death_that_lists_do_not_know_yet_is_seen() -> None:
    """The event comes first; whoever asks for the container itself is told."""
    host = Host()
    assert host.state() is State.RUNNING
    host.status = "exited"

    host.observer.note("die", "c1")

    assert host.state() is State.EXITED
    assert host.state() is State.EXITED

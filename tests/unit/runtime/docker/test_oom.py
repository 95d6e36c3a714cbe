"""A death for lack of memory is told as one, whenever the engine hears of it."""

import json
from typing import Any, cast

from supervisor.runtime.base import POD_UID
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.response import Response
from supervisor.runtime.docker.pods.events import DockerEvents
from supervisor.runtime.docker.pods.observe import Observer

_DEAD = {
    "Id": "c1",
    "Created": "2026-01-01T00:00:00Z",
    "Image": "sha256:1",
    "Config": {"Labels": {POD_UID: "u1"}, "Image": "app"},
    "State": {
        "Status": "exited",
        "StartedAt": "2026-01-01T00:00:00Z",
        "FinishedAt": "2026-01-01T00:00:01Z",
        "ExitCode": 137,
        "OOMKilled": False,
        "Error": "",
    },
}


class Api:
    """An engine that has seen a container die before it heard of the reason."""

    def __init__(self) -> None:
        self.left = [_DEAD]

    def containers(self, **_: Any) -> list[Any]:
        return [
            {"Id": c["Id"], "State": "exited", "Labels": {POD_UID: "u1"}}
            for c in self.left
        ]

    def inspect_container(self, _: str) -> Any:
        return _DEAD

    def volumes(self, **_: Any) -> Any:
        return {"Volumes": None}


class Told:
    """A stream of one event."""

    closed = True

    def __init__(self, action: str) -> None:
        event = {"Action": action, "Actor": {"ID": "c1", "Attributes": {POD_UID: "u1"}}}
        self._pieces = [json.dumps(event).encode() + b"\n"]

    def read_some(self) -> bytes:
        return self._pieces.pop() if self._pieces else b""

    def close(self) -> None: ...


class Host:
    def __init__(self) -> None:
        self.api = Api()
        self.observer = Observer(cast(EngineClient, self), {})

    def tells(self, action: str) -> None:
        told = cast(Response, Told(action))
        [event] = DockerEvents(told, self.observer)
        assert (event.pod_uid, event.action) == ("u1", action)

    def oom_killed(self) -> bool:
        return self.observer.pods()["u1"].containers[0].oom_killed


def test_the_reason_may_come_after_the_death() -> None:
    """What was seen of the dead container is corrected."""
    host = Host()
    host.tells("die")
    assert not host.oom_killed()

    host.tells("oom")

    assert host.oom_killed()
    seen = host.observer.pod("u1")
    assert seen is not None
    assert seen.containers[0].oom_killed


def test_a_reason_is_forgotten_with_its_container() -> None:
    """So that what is remembered does not grow."""
    host = Host()
    host.tells("oom")
    host.api.left = []
    assert host.observer.pods() == {}
    host.api.left = [_DEAD]

    assert not host.oom_killed()

"""Events and logs of an engine, read as they come.

Rules
- A stream that the engine ends, or that goes silent for good, ends with
  EngineUnavailable; one that its reader closes just ends.
- Only what changes a pod's state is asked for as an event: each exec has three of its
  own, and probes would wake their pods all the time.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from supervisor.model.streams import LogOptions
from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    CONTAINER_NAME,
    POD_UID,
    EngineUnavailable,
    RuntimeEvent,
)
from supervisor.runtime.docker_engine import Engine, Response
from supervisor.runtime.docker_errors import translated
from supervisor.runtime.docker_frames import Demultiplexer

_OOM = "oom"
_ACTIONS = ["start", "die", _OOM, "destroy", "pause", "unpause"]


class DockerEvents:
    def __init__(self, response: Response, note_oom: Callable[[str], None]) -> None:
        self._response = response
        self._note_oom = note_oom

    def __iter__(self) -> Iterator[RuntimeEvent]:
        rest = b""
        try:
            while data := self._response.read_some():
                *lines, rest = (rest + data).split(b"\n")
                for line in filter(None, lines):
                    yield self._event(line)
        finally:
            self._response.release()
        if not self._response.closed:
            raise EngineUnavailable("the Docker engine ended its stream of events")

    def close(self) -> None:
        self._response.close()

    def _event(self, line: bytes) -> RuntimeEvent:
        try:
            event = json.loads(line)
            told = event["Actor"]["Attributes"]
            if event["Action"] == _OOM:
                self._note_oom(event["Actor"]["ID"])
            return RuntimeEvent(
                pod_uid=told.get(POD_UID, ""),
                action=event["Action"],
                container=told.get(CONTAINER_NAME, ""),
            )
        except (ValueError, KeyError, TypeError) as error:
            text = "an event of the Docker engine is garbled"
            raise EngineUnavailable(text) from error


def open_events(
    engine: Engine, owner: Mapping[str, str], note_oom: Callable[[str], None]
) -> DockerEvents:
    """`note_oom` is called with the id of a container that has run out of memory."""
    with translated():
        # The answer begins before the engine listens; from its own present on, what
        # happens in between comes out of its memory of the last 256 events.
        now = f"{to_seconds(engine.api.info()['SystemTime']):.6f}"
    wanted = {
        "type": ["container"],
        "event": _ACTIONS,
        "label": [f"{key}={value}" for key, value in owner.items()],
    }
    query = {"since": now, "filters": json.dumps(wanted)}
    return DockerEvents(engine.stream("/events", query), note_oom)


class DockerLogs:
    def __init__(self, response: Response, *, tty: bool, most: int | None) -> None:
        self._response = response
        self._frames = Demultiplexer(tty=tty)
        self._left = most

    def __iter__(self) -> Iterator[bytes]:
        try:
            while self._left != 0 and (data := self._response.read_some()):
                text = b"".join(piece for _, piece in self._frames.feed(data))
                if self._left is not None:
                    text = text[: self._left]
                    self._left -= len(text)
                if text:
                    yield text
        finally:
            self._response.release()

    def close(self) -> None:
        self._response.close()


def open_logs(engine: Engine, container_id: str, options: LogOptions) -> DockerLogs:
    with translated():
        tty = engine.api.inspect_container(container_id)["Config"]["Tty"]
    query: dict[str, Any] = {
        "stdout": 1,
        "stderr": 1,
        "follow": int(options.follow),
        "timestamps": int(options.timestamps),
        "tail": "all" if options.tail_lines is None else options.tail_lines,
    }
    if options.since is not None:
        query["since"] = f"{max(options.since, 0):.9f}"
    response = engine.stream(f"/containers/{container_id}/logs", query)
    return DockerLogs(response, tty=tty, most=options.limit_bytes)

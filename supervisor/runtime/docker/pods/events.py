"""The event stream of an engine.

Rules
- A stream that the engine ends, or whose connection breaks, raises EngineUnavailable;
  one that its reader closes just ends.
- Only events that change a pod's state are requested: each exec has three of its own,
  and probes would wake their pods all the time.
"""

import json
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    CONTAINER_NAME,
    CONTAINER_TYPE,
    HELPER_TYPE,
    POD_UID,
    EngineUnavailable,
    RuntimeEvent,
)
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.response import Response
from supervisor.runtime.docker.pods.observe import Observer

_ACTIONS = ["start", "die", "oom", "destroy", "pause", "unpause"]


class DockerEvents:
    def __init__(self, response: Response, observer: Observer) -> None:
        self._response = response
        self._observer = observer
        observer.events_opened(self)

    def __iter__(self) -> Iterator[RuntimeEvent]:
        rest = b""
        try:
            while data := self._response.read_some():
                *lines, rest = (rest + data).split(b"\n")
                for line in filter(None, lines):
                    if event := self._event(line):
                        yield event
        finally:
            is_closed = self._response.closed
            self._observer.events_ended(self)
            self._response.close()
        if not is_closed:
            raise EngineUnavailable("the Docker engine ended its stream of events")

    def close(self) -> None:
        self._response.close()

    def _event(self, line: bytes) -> RuntimeEvent | None:
        """None for events of helpers, which change no pod."""
        try:
            event = json.loads(line)
            labels = event["Actor"]["Attributes"]
            if labels.get(CONTAINER_TYPE) == HELPER_TYPE:
                return None
            self._observer.note(event["Action"], event["Actor"]["ID"])
            return RuntimeEvent(
                pod_uid=labels.get(POD_UID, ""),
                action=event["Action"],
                container=labels.get(CONTAINER_NAME, ""),
            )
        except (ValueError, KeyError, TypeError) as error:
            text = "an event of the Docker engine is malformed"
            raise EngineUnavailable(text) from error


def open_events(
    client: EngineClient, owner: Mapping[str, str], observer: Observer
) -> DockerEvents:
    """`observer` is notified of each event."""
    # The response begins before the engine subscribes. With `since`, events in between
    # are taken from its buffer of the last 256 events.
    now = f"{_engine_time(client):.6f}"
    wanted = {
        "type": ["container"],
        "event": _ACTIONS,
        "label": [f"{key}={value}" for key, value in owner.items()],
    }
    query = {"since": now, "filters": json.dumps(wanted)}
    return DockerEvents(client.stream("/events", query), observer)


def _engine_time(client: EngineClient) -> float:
    """The time by the engine's own clock, or up to a second earlier."""
    try:
        with translated():
            return to_seconds(client.api.info()["SystemTime"])
    except EngineUnavailable:
        # /info may hang while other calls work: see agent/node/machine.py.
        with translated():
            api = client.api
            answer = api.get(f"{api.base_url}/_ping", timeout=client.timeout)
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError as error:
        text = "the Docker engine does not report its time"
        raise EngineUnavailable(text) from error

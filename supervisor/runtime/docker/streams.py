"""Events of an engine, read as they come.

Rules
- A stream that the engine ends, or that goes silent for good, ends with
  EngineUnavailable; one that its reader closes just ends.
- Only what changes a pod's state is asked for as an event: each exec has three of its
  own, and probes would wake their pods all the time.
"""

import json
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    CONTAINER_NAME,
    CONTAINER_TYPE,
    POD_UID,
    EngineUnavailable,
    RuntimeEvent,
)
from supervisor.runtime.docker.engine import Engine, Response
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.observe import Observer
from supervisor.runtime.inventory import HELPER_TYPE

_ACTIONS = ["start", "die", "oom", "destroy", "pause", "unpause"]


class DockerEvents:
    def __init__(self, response: Response, observer: Observer) -> None:
        self._response = response
        self._observer = observer
        observer.listening(self)

    def __iter__(self) -> Iterator[RuntimeEvent]:
        rest = b""
        try:
            while data := self._response.read_some():
                *lines, rest = (rest + data).split(b"\n")
                for line in filter(None, lines):
                    if event := self._event(line):
                        yield event
        finally:
            self._observer.deaf(self)
            self._response.release()
        if not self._response.closed:
            raise EngineUnavailable("the Docker engine ended its stream of events")

    def close(self) -> None:
        self._response.close()

    def _event(self, line: bytes) -> RuntimeEvent | None:
        """None for what happens to a helper, which changes no pod."""
        try:
            event = json.loads(line)
            told = event["Actor"]["Attributes"]
            if told.get(CONTAINER_TYPE) == HELPER_TYPE:
                return None
            self._observer.note(event["Action"], event["Actor"]["ID"])
            return RuntimeEvent(
                pod_uid=told.get(POD_UID, ""),
                action=event["Action"],
                container=told.get(CONTAINER_NAME, ""),
            )
        except (ValueError, KeyError, TypeError) as error:
            text = "an event of the Docker engine is garbled"
            raise EngineUnavailable(text) from error


def open_events(
    engine: Engine, owner: Mapping[str, str], observer: Observer
) -> DockerEvents:
    """`observer` is told of all that happens."""
    # The answer begins before the engine listens; from its own present on, what
    # happens in between comes out of its memory of the last 256 events.
    now = f"{_present(engine):.6f}"
    wanted = {
        "type": ["container"],
        "event": _ACTIONS,
        "label": [f"{key}={value}" for key, value in owner.items()],
    }
    query = {"since": now, "filters": json.dumps(wanted)}
    return DockerEvents(engine.stream("/events", query), observer)


def _present(engine: Engine) -> float:
    """The time by the engine's own clock, or up to a second before it."""
    try:
        with translated():
            return to_seconds(engine.api.info()["SystemTime"])
    except EngineUnavailable:
        # /info may have to wait while all else is answered: see agent/node/machine.py.
        with translated():
            api = engine.api
            answer = api.get(f"{api.base_url}/_ping", timeout=engine.timeout)
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError as error:
        text = "the Docker engine does not tell what time it is"
        raise EngineUnavailable(text) from error

"""What is said of an engine: the status of its Engine, and an event for each change.

Rules
- Nothing is written that stands there already.
- A change of the phase or of its reason is an event; the text of it is the status's.
"""

from dataclasses import dataclass

from supervisor.client.base import Client
from supervisor.client.events import EventRecorder
from supervisor.kinds.identity import ENGINE
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.engine import CONNECTED
from supervisor.model.equality import same
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.runtime.base.claims import Claim

_CONNECTED_CONDITION = "Connected"


@dataclass(frozen=True)
class Report:
    phase: str
    reason: str
    """Of the condition and the event: one word."""
    message: str = ""
    engine_id: str = ""
    """Empty: as it was."""
    engine_version: str = ""
    owner: Claim | None = None
    """None: as it was."""


class Reports:
    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder

    def say(self, engine: Object, report: Report) -> None:
        """Have the Engine's status say so."""
        before = engine.get("status") or {}
        status = _status(before, report, self._clock.now())
        status["observedGeneration"] = engine["metadata"].get("generation", 0)
        if same(status, before):
            return
        try:
            self._client.patch(
                ENGINE.resource,
                engine["metadata"]["name"],
                "",
                {"metadata": {"uid": engine["metadata"]["uid"]}, "status": status},
                subresource="status",
            )
        except ApiError as error:
            if error.code not in (404, 409):
                raise
            return  # removed meanwhile
        told = (before.get("phase"), before.get("message") or "")
        if told != (status["phase"], status["message"]):
            kind = "Normal" if report.phase == CONNECTED else "Warning"
            text = report.message or f"connected to {engine['spec']['endpoint']}"
            self._recorder.record(engine, kind, report.reason, text)

    def event(self, obj: Object, kind: str, reason: str, text: str) -> None:
        """`kind` is Normal or Warning."""
        self._recorder.record(obj, kind, reason, text)


def _status(before: Object, report: Report, now: float) -> Object:
    connected = "True" if report.phase == CONNECTED else "False"
    held: Object = next(iter(before.get("conditions") or []), {})
    since = held.get("lastTransitionTime") if held.get("status") == connected else None
    condition = {
        "type": _CONNECTED_CONDITION,
        "status": connected,
        "reason": report.reason,
        "message": report.message,
        "lastTransitionTime": since or times.to_text(now),
    }
    status: Object = {
        "phase": report.phase,
        "message": report.message,
        "conditions": [condition],
    }
    for field, value in (
        ("engineID", report.engine_id),
        ("engineVersion", report.engine_version),
    ):
        if value or before.get(field):
            status[field] = value or before[field]
    if report.owner is not None:
        status["owner"] = _owner(report.owner)
    elif before.get("owner"):
        status["owner"] = before["owner"]
    return status


def _owner(claim: Claim) -> Object:
    return {
        "store": claim.store,
        "node": claim.node,
        "host": claim.host,
        "since": times.to_text(claim.created_at),
    }

"""Writes the status of an Engine, and an event for each change of it.

Rules
- A status that is the same already is not written.
- A changed phase or message is an event.
"""

from supervisor.client.base import Client
from supervisor.client.events import EventRecorder
from supervisor.engines.plan.actions import Report
from supervisor.kinds.identity import ENGINE
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.engine import CONNECTED
from supervisor.model.equality import same
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.runtime.base.claims import Claim

_CONNECTED_CONDITION = "Connected"


class Reports:
    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder

    def write(self, engine: Object, report: Report) -> bool:
        """Set the status of the Engine. False if nothing was written."""
        before = engine.get("status") or {}
        status = _status(before, report, self._clock.now())
        status["observedGeneration"] = engine["metadata"].get("generation", 0)
        if same(status, before):
            return False
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
            return False  # removed meanwhile
        shown = (before.get("phase"), before.get("message") or "")
        if shown != (status["phase"], status["message"]):
            type_ = "Normal" if report.phase == CONNECTED else "Warning"
            text = report.message or report.because
            self._recorder.record(engine, type_, report.reason, text)
        return True

    def event(self, obj: Object, type_: str, reason: str, text: str) -> None:
        """`type_` is Normal or Warning."""
        self._recorder.record(obj, type_, reason, text)


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

"""Logs the actions of one engine: one line for each, `engine NAME: ACTION: because`.

Rules
- Routine actions, and those that changed nothing, are logged at DEBUG.
- So are the repeated lines of further attempts to connect: an engine that is away for
  hours is tried every few seconds. Lines count as repeated until an agent starts or
  stops, or another failure is reported.
"""

import logging

from supervisor.engines.plan.actions import (
    Action,
    ConfirmClaim,
    Connect,
    Disconnect,
    Halt,
    Launch,
    LookAgain,
    RecordEvent,
    RecordFailure,
    Report,
    ReportFailure,
    Reserve,
    ShowPlaceholder,
    TakeClaim,
    Wait,
)
from supervisor.model.engine import CONNECTED

_ROUTINE = (ConfirmClaim, LookAgain, RecordFailure, Reserve, ShowPlaceholder, Wait)
_ATTEMPT = (Connect, Disconnect, RecordEvent, ReportFailure, TakeClaim)
"""What every attempt consists of, until it succeeds."""
_NEW_SPELL = (Halt, Launch, ReportFailure)
_MAX_REMEMBERED = 64
_log = logging.getLogger(__name__)


class ActionLog:
    def __init__(self, name: str) -> None:
        self._name = name
        #: Lines of earlier attempts; a dict because it is ordered.
        self._lines: dict[str, None] = {}

    def add(self, action: Action, *, has_changed: bool) -> None:
        """`has_changed` is False if everything was as wanted before."""
        line = str(action)
        is_news = has_changed and line not in self._lines
        if is_news and isinstance(action, _NEW_SPELL):
            self._lines.clear()
        if isinstance(action, _ATTEMPT):
            self._lines[line] = None
        while len(self._lines) > _MAX_REMEMBERED:
            del self._lines[next(iter(self._lines))]
        _log.log(_level(action, is_news), "engine %s: %s", self._name, line)


def _level(action: Action, is_news: bool) -> int:
    if not is_news or isinstance(action, _ROUTINE):
        return logging.DEBUG
    match action:
        case ReportFailure() | RecordEvent(type="Warning"):
            return logging.WARNING
        case Report(phase=phase) if phase != CONNECTED:
            return logging.WARNING
    return logging.INFO

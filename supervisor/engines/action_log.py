"""Logs the actions of one engine: one line for each, `engine NAME: ACTION: because`.

Rules
- Routine actions, actions that changed nothing, and lines that repeat an earlier one
  are logged at DEBUG: an engine that is away for hours is tried every few seconds.
- When an agent starts or stops, earlier lines are forgotten, and so logged again.
"""

import logging

from supervisor.engines.plan.actions import (
    Action,
    ConfirmClaim,
    Halt,
    Launch,
    LookAgain,
    RecordEvent,
    RecordFailure,
    Report,
    ReportFailure,
    Reserve,
    ShowPlaceholder,
    Wait,
)
from supervisor.model.engine import CONNECTED

_ROUTINE = (ConfirmClaim, LookAgain, RecordFailure, Reserve, ShowPlaceholder, Wait)
_MAX_REMEMBERED = 64
_log = logging.getLogger(__name__)


class ActionLog:
    def __init__(self, name: str) -> None:
        self._name = name
        #: Lines since an agent started or stopped; a dict because it is ordered.
        self._lines: dict[str, None] = {}

    def add(self, action: Action, *, has_changed: bool) -> None:
        """`has_changed` is False if everything was as wanted before."""
        if isinstance(action, Halt | Launch) and has_changed:
            self._lines.clear()
        line = str(action)
        is_new = has_changed and line not in self._lines
        self._lines[line] = None
        while len(self._lines) > _MAX_REMEMBERED:
            del self._lines[next(iter(self._lines))]
        _log.log(_level(action, is_new), "engine %s: %s", self._name, line)


def _level(action: Action, is_new: bool) -> int:
    if not is_new or isinstance(action, _ROUTINE):
        return logging.DEBUG
    match action:
        case ReportFailure() | RecordEvent(type="Warning"):
            return logging.WARNING
        case Report(phase=phase) if phase != CONNECTED:
            return logging.WARNING
    return logging.INFO

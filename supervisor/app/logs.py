"""Log lines: readable for a person, or one JSON object a line for a machine."""

import json
import logging
import os
import sys
from typing import Any

from supervisor.model import times


class _TextFormatter(logging.Formatter):
    """`12:34:56 INFO  agent.pods: message`.

    The full date under no terminal, and no time where the journal writes its own.
    """

    def __init__(self) -> None:
        day = "" if sys.stderr.isatty() else "%Y-%m-%d "
        time = "" if os.environ.get("JOURNAL_STREAM") else "%(asctime)s "
        shown = f"{time}%(levelname)-7s %(source)s: %(message)s"
        super().__init__(shown, datefmt=f"{day}%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        record.source = _source(record)
        return super().format(record)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": times.to_micro_text(record.created),
            "level": record.levelname.lower(),
            "logger": _source(record),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _source(record: logging.LogRecord) -> str:
    return record.name.removeprefix("supervisor.")


def configure(form: str, level: str) -> None:
    """Send all logging to stderr in the given form: `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    is_text = form == "text"
    handler.setFormatter(_TextFormatter() if is_text else _JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("supervisor").setLevel(level.upper())

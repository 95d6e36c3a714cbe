"""The annotation that has a Job start later: `supervisor.io/start-at`. Pure.

Differs from Kubernetes: it knows suspended Jobs, which somebody has to resume.
"""

from supervisor.model import times
from supervisor.model.errors import invalid
from supervisor.model.meta import Object
from supervisor.model.validation.report import Errors

START_AT = "supervisor.io/start-at"


def check(meta: Object) -> Errors:
    text = (meta.get("annotations") or {}).get(START_AT)
    if text is not None and seconds(text) is None:
        detail = "must be an RFC 3339 time such as 2026-01-02T15:04:05Z"
        yield invalid(f"metadata.annotations[{START_AT}]", text, detail)


def seconds(text: str) -> float | None:
    """The instant in seconds since the epoch; None for what is no time."""
    try:
        return times.to_seconds(text)
    except ValueError:
        return None

"""Since when a pod is available: ready, and for long enough. Pure.

Follows IsPodAvailable of pkg/api/v1/pod/util.go.
"""

from supervisor.model import times
from supervisor.model.pod import Pod


def available_at(pod: Pod, min_ready_seconds: int) -> float | None:
    """Since when a ready pod is available, or from when on it will be."""
    ready = pod.status.condition("Ready")
    if ready is None or ready.status != "True":
        return None
    if not ready.last_transition_time:
        return 0.0 if min_ready_seconds == 0 else None
    return times.to_seconds(ready.last_transition_time) + min_ready_seconds


def is_available(pod: Pod, min_ready_seconds: int, now: float) -> bool:
    if min_ready_seconds == 0:
        return pod.is_ready
    at = available_at(pod, min_ready_seconds)
    return at is not None and at <= now

"""How long a node that comes and goes must stay before it gets new pods. Pure.

Without this, a node that flaps would be given pods each time it is back, since it is
the emptiest, and lose them again.

Rules
- The first return is free: a host that was rebooted is used at once. From the second
  loss within ten minutes on a return is followed by 10, 20, 40, … 300 s without new
  pods, by the taint `supervisor.io/flapping`, whose value says how long.
- Pods that are on the node stay there, and are ready.

Upstream keeps flapping nodes from doing harm by evicting one node in ten seconds.
"""

from collections.abc import Sequence

from supervisor.machinery import backoff
from supervisor.model import times
from supervisor.model.meta import Object
from supervisor.model.taints import NO_SCHEDULE

FLAPPING = "supervisor.io/flapping"
WINDOW_SECONDS = 600.0
_FIRST_SECONDS, _MAX_SECONDS = 10.0, 300.0


def recent(losses: Sequence[float], now: float) -> tuple[float, ...]:
    """The losses that still count."""
    return tuple(at for at in losses if now - at < WINDOW_SECONDS)


def taint(losses: Sequence[float], now: float) -> Object | None:
    """What a node gets that is back at `now` after these losses."""
    count = len(recent(losses, now))
    seconds = backoff.delay(count - 1, first=_FIRST_SECONDS, maximum=_MAX_SECONDS)
    if seconds <= 0:
        return None
    return {
        "key": FLAPPING,
        "value": f"{seconds:.0f}s",
        "effect": NO_SCHEDULE,
        "timeAdded": times.to_micro_text(now),
    }


def ends_at(flapping: Object) -> float:
    """When the taint has done its work; at once if somebody has garbled it."""
    try:
        added_at = times.to_seconds(str(flapping.get("timeAdded") or ""))
        return added_at + float(str(flapping.get("value") or "").removesuffix("s"))
    except ValueError:
        return 0.0

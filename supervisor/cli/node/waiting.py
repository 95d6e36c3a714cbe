"""Waiting for a condition of an Engine or a Node."""

import time
from collections.abc import Callable

from supervisor.cli.failure import Failure
from supervisor.cli.session import Session
from supervisor.kinds.identity import ENGINE, NODE
from supervisor.model.engine import CONNECTED, REFUSED
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

#: Timeout of one watch; watches are restarted until the deadline.
_WATCH_SECONDS = 300.0
Check = Callable[[Object | None], bool]
"""Whether an object, None if absent, meets the condition; may raise Failure."""


def wait_until(
    session: Session,
    resource: str,
    name: str,
    check: Check,
    deadline: float | None,
    progress: Callable[[], str],
) -> None:
    """Watch the object until `check` is true.

    `deadline` is a time of the monotonic clock. Raises Failure with the text of
    `progress` when it passes, and ApiError.
    """
    while True:
        remaining = _remaining(deadline, progress)
        listing = session.client.list(resource, fields=f"metadata.name={name}")
        if check(next(iter(listing.items), None)):
            return
        watch = session.client.watch(
            resource,
            since=listing.resource_version,
            fields=f"metadata.name={name}",
            timeout=remaining,
        )
        try:
            for event in watch:
                if event.type in ("ADDED", "MODIFIED") and check(event.object):
                    return
                if event.type == "DELETED" and check(None):
                    return
        except ApiError as error:
            if error.code != 410:
                raise
        finally:
            watch.close()


def _remaining(deadline: float | None, progress: Callable[[], str]) -> float:
    if deadline is None:
        return _WATCH_SECONDS
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise Failure(f"timed out waiting: {progress()}")
    return min(remaining, _WATCH_SECONDS)


def wait_ready(session: Session, engine: Object, timeout: float) -> None:
    """Wait until the generation of `engine` is connected and its node is ready.

    Raises Failure if it is refused, or after `timeout` seconds; 0 means no limit.
    """
    name = engine["metadata"]["name"]
    generation = engine["metadata"].get("generation", 0)
    deadline = time.monotonic() + timeout if timeout else None
    last: list[str] = ["the daemon has not processed the request yet"]

    def connected(obj: Object | None) -> bool:
        if obj is None:
            raise Failure(f"node/{name} was removed in the meantime")
        status = obj.get("status") or {}
        if status.get("observedGeneration", 0) < generation:
            return False
        last[0] = status.get("message") or str(status.get("phase"))
        if status.get("phase") == REFUSED:
            raise Failure(f"node/{name} is refused: {last[0]}")
        return bool(status.get("phase") == CONNECTED)

    def ready(obj: Object | None) -> bool:
        rows = ((obj or {}).get("status") or {}).get("conditions") or []
        found: Object = next((c for c in rows if c.get("type") == "Ready"), {})
        last[0] = found.get("message") or "its agent has not reported yet"
        return bool(found.get("status") == "True")

    wait_until(session, ENGINE.resource, name, connected, deadline, lambda: last[0])
    wait_until(session, NODE.resource, name, ready, deadline, lambda: last[0])

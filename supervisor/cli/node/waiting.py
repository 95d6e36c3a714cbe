"""Waiting until a node is ready, or an engine gone, by watching."""

import time
from collections.abc import Callable

from supervisor.cli.failure import Failure
from supervisor.cli.session import Session
from supervisor.kinds.identity import ENGINE, NODE
from supervisor.model.engine import CONNECTED, REFUSED
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

#: A watch that ends earlier is begun again, so its length hardly matters.
_ROUND_SECONDS = 300.0
Check = Callable[[Object | None], bool]
"""Whether an object (None: absent) is as it is waited for; may raise Failure."""


def wait_until(
    session: Session,
    resource: str,
    name: str,
    check: Check,
    deadline: float | None,
    late: Callable[[], str],
) -> None:
    """`deadline` is an instant of the monotonic clock.

    Raises Failure with the text of `late` when it passes.
    """
    while True:
        left = _left(deadline, late)
        listing = session.client.list(resource, fields=f"metadata.name={name}")
        if check(next(iter(listing.items), None)):
            return
        watch = session.client.watch(
            resource,
            since=listing.resource_version,
            fields=f"metadata.name={name}",
            timeout=left,
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


def _left(deadline: float | None, late: Callable[[], str]) -> float:
    if deadline is None:
        return _ROUND_SECONDS
    left = deadline - time.monotonic()
    if left <= 0:
        raise Failure(f"timed out waiting: {late()}")
    return min(left, _ROUND_SECONDS)


def wait_ready(session: Session, engine: Object, timeout: float) -> None:
    """Until the engine is connected as `engine` says, and its node takes pods.

    Raises Failure when it is refused, or `timeout` seconds have passed.
    """
    name, wanted = engine["metadata"]["name"], engine["metadata"].get("generation", 0)
    deadline = time.monotonic() + timeout if timeout else None
    last: list[str] = ["the daemon has not looked at it yet"]

    def connected(obj: Object | None) -> bool:
        if obj is None:
            raise Failure(f"node/{name} was removed meanwhile")
        status = obj.get("status") or {}
        if status.get("observedGeneration", 0) < wanted:
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

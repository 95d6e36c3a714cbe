"""Waiting until an object is gone, by watching it.

Follows kubectl/pkg/cmd/wait/delete.go.
"""

import time

from supervisor.cli.failure import Failure
from supervisor.cli.objects import Place
from supervisor.cli.session import Session
from supervisor.model.errors import ApiError

#: A watch that ends earlier is begun again, so its length hardly matters.
_ROUND_SECONDS = 300.0


def wait_until_gone(
    session: Session, place: Place, uid: str, deadline: float | None
) -> None:
    """Returns when the object of that uid is gone, or another one has its name.

    `deadline` is an instant of the monotonic clock. Raises Failure when it passes.
    """
    while True:
        left = _left(place, deadline)
        try:
            obj = session.client.get(
                place.resource.full_name, place.name, place.namespace
            )
        except ApiError as error:
            if error.code == 404:
                return
            raise
        if uid and obj["metadata"].get("uid") != uid:
            return
        try:
            _watch(session, place, str(obj["metadata"]["resourceVersion"]), left)
        except ApiError as error:
            if error.code != 410:
                raise


def _watch(session: Session, place: Place, since: str, timeout: float) -> None:
    watch = session.client.watch(
        place.resource.full_name,
        place.namespace,
        since=since,
        fields=f"metadata.name={place.name}",
        timeout=timeout,
    )
    for event in watch:
        if event.type == "DELETED":
            break
    watch.close()


def _left(place: Place, deadline: float | None) -> float:
    if deadline is None:
        return _ROUND_SECONDS
    left = deadline - time.monotonic()
    if left <= 0:
        raise Failure(f"timed out waiting for the condition on {place}")
    return min(left, _ROUND_SECONDS)

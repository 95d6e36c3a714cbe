"""Waiting for the deletion of an object.

Follows kubectl/pkg/cmd/wait/delete.go.
"""

import time

from supervisor.cli.failure import Failure
from supervisor.cli.objects import ObjectRef
from supervisor.cli.session import Session
from supervisor.model.errors import ApiError

#: Timeout of one watch; watches are restarted until the deadline.
_WATCH_SECONDS = 300.0


def wait_until_gone(
    session: Session, ref: ObjectRef, uid: str, deadline: float | None
) -> None:
    """Return when the object with this uid is gone or replaced by another.

    `deadline` is a time of the monotonic clock. Raises Failure when it passes, and
    ApiError.
    """
    while True:
        remaining = _remaining(ref, deadline)
        try:
            obj = session.client.get(ref.resource.full_name, ref.name, ref.namespace)
        except ApiError as error:
            if error.code == 404:
                return
            raise
        if uid and obj["metadata"].get("uid") != uid:
            return
        try:
            _watch(session, ref, str(obj["metadata"]["resourceVersion"]), remaining)
        except ApiError as error:
            if error.code != 410:
                raise


def _watch(session: Session, ref: ObjectRef, since: str, timeout: float) -> None:
    watch = session.client.watch(
        ref.resource.full_name,
        ref.namespace,
        since=since,
        fields=f"metadata.name={ref.name}",
        timeout=timeout,
    )
    for event in watch:
        if event.type == "DELETED":
            break
    watch.close()


def _remaining(ref: ObjectRef, deadline: float | None) -> float:
    if deadline is None:
        return _WATCH_SECONDS
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise Failure(f"timed out waiting for the condition on {ref}")
    return min(remaining, _WATCH_SECONDS)

"""`supervisor node takeover`: take an engine from the store that it belongs to."""

import time

import click

from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.node.waiting import wait_until
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import CONNECTED, REFUSED, TAKE_OVER
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.runtime.ownership import ANY_OWNER


@click.command("takeover", cls=Verb)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--wait", is_flag=True, default=True, help="Return when it is ours (default)."
)
@click.option(
    "--timeout",
    default="60s",
    metavar="DURATION",
    help="Give up waiting after this time; 0 is never. The take-over goes on.",
)
@with_connection
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], wait: bool, timeout: str
) -> None:
    """Take over engines that belong to another store.

    An engine belongs to one store per cluster name. A daemon with another store (a
    second daemon with the same `cluster`, or a backup that was restored on another
    machine) is refused there until it is told to take the engine over. A daemon that
    still works there notices within seconds and stops. Pods that run there and that
    this API does not know are held: `supervisor adopt` decides about them.

    \b
    supervisor node takeover host2
    supervisor node list                 tells whose an engine is
    """
    seconds = parse_duration(timeout, "--timeout")
    deadline = time.monotonic() + seconds if seconds else None
    for name in dict.fromkeys(names):
        try:
            _take(session, name, wait, deadline)
        except (ApiError, Failure) as error:
            session.fail(error)


def _take(session: Session, name: str, wait: bool, deadline: float | None) -> None:
    engine = session.client.get(ENGINE.resource, name)
    status = engine.get("status") or {}
    if status.get("phase") == CONNECTED:
        click.echo(f"node/{name} is ours already")
        return
    held = _holder(engine)
    # One that does not answer, or never has, is taken from whoever has it then.
    order = held if status.get("phase") == REFUSED and held else ANY_OWNER
    patch = {"metadata": {"annotations": {TAKE_OVER: order}}}
    session.client.patch(ENGINE.resource, name, "", patch)
    click.echo(f"node/{name} is being taken over")
    if wait:
        _wait(session, name, order, deadline)
        click.echo(f"node/{name} taken over")


def _wait(session: Session, name: str, order: str, deadline: float | None) -> None:
    last = ["the daemon has not looked at it yet"]

    def is_taken(obj: Object | None) -> bool:
        if obj is None:
            raise Failure(f"node/{name} was removed meanwhile")
        status = obj.get("status") or {}
        last[0] = status.get("message") or last[0]
        if TAKE_OVER not in (obj["metadata"].get("annotations") or {}):
            return bool(status.get("phase") == CONNECTED)
        if order not in (ANY_OWNER, _holder(obj)):
            raise Failure(f"node/{name} is refused: {last[0]}")
        return False

    wait_until(session, ENGINE.resource, name, is_taken, deadline, lambda: last[0])


def _holder(engine: Object) -> str:
    owner = (engine.get("status") or {}).get("owner") or {}
    return str(owner.get("store") or "")

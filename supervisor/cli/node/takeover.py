"""`supervisor node takeover`: take over engines from another store."""

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
    "--wait",
    is_flag=True,
    default=True,
    help="Wait until this daemon owns the engine (default).",
)
@click.option(
    "--timeout",
    default="60s",
    metavar="DURATION",
    help="How long to wait; 0 means no limit. The takeover continues in any case.",
)
@with_connection
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], wait: bool, timeout: str
) -> None:
    """Take over engines that belong to another store.

    For each cluster name, an engine belongs to one store. A daemon with another store
    (a second daemon with the same `cluster`, or a backup restored on another machine)
    cannot use the engine until it takes it over. A daemon that still uses the engine
    notices within seconds and stops. Pods that run there but are missing from this
    store are owner until `supervisor adopt` is run.

    \b
    supervisor node takeover host2
    supervisor node list                 show the owner of each refused engine
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
        click.echo(f"node/{name} is already owned by this daemon")
        return
    owner = _owner_of(engine)
    # The owner of an engine that does not answer is unknown: take it from any owner.
    expected_owner = owner if status.get("phase") == REFUSED and owner else ANY_OWNER
    patch = {"metadata": {"annotations": {TAKE_OVER: expected_owner}}}
    session.client.patch(ENGINE.resource, name, "", patch)
    click.echo(f"node/{name} is being taken over")
    if wait:
        _wait(session, name, expected_owner, deadline)
        click.echo(f"node/{name} taken over")


def _wait(
    session: Session, name: str, expected_owner: str, deadline: float | None
) -> None:
    last = ["the daemon has not processed the request yet"]

    def is_taken(obj: Object | None) -> bool:
        if obj is None:
            raise Failure(f"node/{name} was removed in the meantime")
        status = obj.get("status") or {}
        last[0] = status.get("message") or last[0]
        if TAKE_OVER not in (obj["metadata"].get("annotations") or {}):
            return bool(status.get("phase") == CONNECTED)
        if expected_owner not in (ANY_OWNER, _owner_of(obj)):
            raise Failure(f"node/{name} is refused: {last[0]}")
        return False

    wait_until(session, ENGINE.resource, name, is_taken, deadline, lambda: last[0])


def _owner_of(engine: Object) -> str:
    owner = (engine.get("status") or {}).get("owner") or {}
    return str(owner.get("store") or "")

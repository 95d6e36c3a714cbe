"""`supervisor node remove`: take nodes out, with all that runs there."""

import time

import click

from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.node import options as node_options
from supervisor.cli.node.waiting import wait_until
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, say
from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import FORCE_REMOVAL
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object


@click.command("remove", cls=Verb)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--force",
    is_flag=True,
    help="Give up an engine that does not answer after ten seconds; what runs there "
    "stays there.",
)
@click.option(
    "--wait", is_flag=True, default=True, help="Return when they are gone (default)."
)
@click.option(
    "--timeout",
    default="0s",
    metavar="DURATION",
    help="Give up waiting after this time; 0 is never. The removal goes on.",
)
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    names: tuple[str, ...],
    force: bool,
    wait: bool,
    timeout: str,
) -> None:
    """Remove nodes.

    Their pods end with their grace and are replaced elsewhere by their controllers;
    then nothing of ours is left on the engine. An engine that does not answer is waited
    for, unless --force is given.

    \b
    supervisor node remove host2
    supervisor node remove host2 --force        the host will not come back
    supervisor node remove host2 --wait=false
    """
    seconds = parse_duration(timeout, "--timeout")
    deadline = time.monotonic() + seconds if seconds else None
    begun = []
    for name in dict.fromkeys(names):
        try:
            begun.append(_begin(session, name, force))
        except ApiError as error:
            session.fail(error)
            continue
        if not wait:
            click.echo(f'node "{name}" is being removed')
    for engine in begun if wait else ():
        try:
            _wait(session, engine, force, deadline)
        except (ApiError, Failure) as error:
            session.fail(error)


def _begin(session: Session, name: str, force: bool) -> Object:
    engine = session.client.get(ENGINE.resource, name)
    node_options.warn_of_configuration(engine)
    if force:
        patch = {"metadata": {"annotations": {FORCE_REMOVAL: "true"}}}
        session.client.patch(ENGINE.resource, name, "", patch)
    options = DeleteOptions(uid=engine["metadata"]["uid"])
    try:
        session.client.delete(ENGINE.resource, name, "", options)
    except ApiError as error:
        # A removal that goes on already may end as soon as it is forced.
        is_leaving = "deletionTimestamp" in engine["metadata"]
        if error.code not in (404, 409) or not is_leaving:
            raise
    return engine


def _wait(
    session: Session, engine: Object, force: bool, deadline: float | None
) -> None:
    name, uid = engine["metadata"]["name"], engine["metadata"]["uid"]
    said = [""]

    def is_gone(obj: Object | None) -> bool:
        if obj is None or obj["metadata"]["uid"] != uid:
            return True
        status = obj.get("status") or {}
        conditions = status.get("conditions") or [{}]
        message = status.get("message") or ""
        if conditions[0].get("reason") == "Removing" and message != said[0]:
            said[0] = message
            say(f"node/{name}: {message}")
            if conditions[0].get("status") != "True" and not force:
                say(f"hint: `supervisor node remove {name} --force` does not wait")
        return False

    wait_until(
        session,
        ENGINE.resource,
        name,
        is_gone,
        deadline,
        lambda: said[0] or "it goes on",
    )
    click.echo(f'node "{name}" removed')

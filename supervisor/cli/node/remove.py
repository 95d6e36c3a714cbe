"""`supervisor node remove`: remove nodes and everything that runs on them."""

import time

import click

from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.node import options as node_options
from supervisor.cli.node.waiting import wait_until
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, print_stderr
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
    help="Remove the node after ten seconds even if its engine does not answer; its "
    "containers are left running.",
)
@click.option(
    "--wait",
    is_flag=True,
    default=True,
    help="Wait until the nodes are gone (default).",
)
@click.option(
    "--timeout",
    default="0s",
    metavar="DURATION",
    help="How long to wait; 0 means no limit. The removal continues in any case.",
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

    Pods are terminated gracefully and replaced on other nodes by their controllers;
    then everything that the supervisor created on the engine is removed. The command
    waits for an engine that does not answer, unless --force is given.

    \b
    supervisor node remove host2
    supervisor node remove host2 --force        the host will not come back
    supervisor node remove host2 --wait=false
    """
    seconds = parse_duration(timeout, "--timeout")
    deadline = time.monotonic() + seconds if seconds else None
    removing = []
    for name in dict.fromkeys(names):
        try:
            removing.append(_delete(session, name, force))
        except ApiError as error:
            session.fail(error)
            continue
        if not wait:
            click.echo(f'node "{name}" is being removed')
    for engine in removing if wait else ():
        try:
            _wait(session, engine, force, deadline)
        except (ApiError, Failure) as error:
            session.fail(error)


def _delete(session: Session, name: str, force: bool) -> Object:
    engine = session.client.get(ENGINE.resource, name)
    node_options.warn_if_configured(engine)
    if force:
        patch = {"metadata": {"annotations": {FORCE_REMOVAL: "true"}}}
        session.client.patch(ENGINE.resource, name, "", patch)
    options = DeleteOptions(uid=engine["metadata"]["uid"])
    try:
        session.client.delete(ENGINE.resource, name, "", options)
    except ApiError as error:
        # A removal already in progress may complete as soon as it is forced.
        is_leaving = "deletionTimestamp" in engine["metadata"]
        if error.code not in (404, 409) or not is_leaving:
            raise
    return engine


def _wait(
    session: Session, engine: Object, force: bool, deadline: float | None
) -> None:
    name, uid = engine["metadata"]["name"], engine["metadata"]["uid"]
    last = [""]

    def is_gone(obj: Object | None) -> bool:
        if obj is None or obj["metadata"]["uid"] != uid:
            return True
        status = obj.get("status") or {}
        conditions = status.get("conditions") or [{}]
        message = status.get("message") or ""
        if conditions[0].get("reason") == "Removing" and message != last[0]:
            last[0] = message
            print_stderr(f"node/{name}: {message}")
            if conditions[0].get("status") != "True" and not force:
                print_stderr(
                    f"hint: `supervisor node remove {name} --force` does not wait"
                )
        return False

    wait_until(
        session,
        ENGINE.resource,
        name,
        is_gone,
        deadline,
        lambda: last[0] or "the removal continues",
    )
    click.echo(f'node "{name}" removed')

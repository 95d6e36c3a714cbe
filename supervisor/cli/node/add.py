"""`supervisor node add`: add a Docker engine as a node."""

import click

from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.node import options as node_options
from supervisor.cli.node import secret as node_secret
from supervisor.cli.node.options import NodeOptions, with_engine
from supervisor.cli.node.waiting import wait_ready
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session
from supervisor.client.base import WriteOptions
from supervisor.kinds.identity import ENGINE
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object


@click.command("add", cls=Verb)
@click.argument("name")
@click.argument("endpoint")
@with_engine
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    name: str,
    endpoint: str,
    wait: bool,
    timeout: str,
    **options: object,
) -> None:
    """Add the Docker engine at ENDPOINT as the node NAME.

    ENDPOINT is unix:///PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT][/SOCKET]. The
    host needs only Docker. Certificates and keys are read by this command and stored
    in a Secret.

    \b
    supervisor node add host2 ssh://root@host2 --label zone=b
    supervisor node add host3 tcp://10.0.0.3:2376 --tls-dir ~/.docker/host3 --wait
    """
    seconds = parse_duration(timeout, "--timeout")
    engine = _add(session, name, endpoint, node_options.from_click(**options))  # type: ignore[arg-type]
    click.echo(f"node/{name} added")
    if wait:
        wait_ready(session, engine, seconds)
        click.echo(f"node/{name} ready")


def _add(session: Session, name: str, endpoint: str, opts: NodeOptions) -> Object:
    spec: Object = {"endpoint": endpoint, **opts.fields()}
    if labels := node_options.split_labels(opts.labels):
        spec["labels"] = labels
    contents = None
    if (given := opts.secret()) is not None:
        field, contents = given
        spec[field] = {"secretName": node_secret.name_of(name, contents)}
    body: Object = {
        **ENGINE.head,
        "metadata": {"name": name},
        "spec": spec,
    }
    _validate(session, body)
    secret = node_secret.ensure(session, name, contents) if contents is not None else ""
    options = WriteOptions("Strict", "supervisor-node")
    engine = session.client.create(ENGINE.resource, body, "", options)
    if secret:
        node_secret.set_owner(session, secret, engine)
    node_options.warn(session, engine, options.warnings)
    return engine


def _validate(session: Session, body: Object) -> None:
    """Report all errors by a dry run, before the Secret is created."""
    options = WriteOptions("Strict", dry_run=True)
    try:
        session.client.create(ENGINE.resource, body, "", options)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        name = body["metadata"]["name"]
        text = f'node "{name}" already exists'
        raise Failure(text, f"`supervisor node set {name}` changes it") from error

"""`supervisor node set`: change the connection or the labels of a node."""

import click

from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.node import options as node_options
from supervisor.cli.node import secret as node_secret
from supervisor.cli.node.options import NodeOptions, with_engine
from supervisor.cli.node.waiting import wait_ready
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session
from supervisor.client.base import PatchType, WriteOptions
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import TLS_FILES
from supervisor.model.meta import Object


@click.command("set", cls=Verb)
@click.argument("name")
@click.option("--endpoint", metavar="ENDPOINT", help="New address of the engine.")
@click.option("--no-tls", is_flag=True, help="Stop using TLS certificates.")
@with_engine
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    name: str,
    endpoint: str | None,
    no_tls: bool,
    wait: bool,
    timeout: str,
    **options: object,
) -> None:
    """Change the node NAME. Options that are not given stay unchanged.

    Labels change in place (`--label KEY-` removes one); for any other change the
    daemon reconnects. Containers keep running.

    \b
    supervisor node set host2 --label zone=c
    supervisor node set host3 --endpoint tcp://10.0.0.4:2376
    supervisor node set host3 --tls-dir ~/.docker/new --wait
    """
    seconds = parse_duration(timeout, "--timeout")
    opts = node_options.from_click(**options)  # type: ignore[arg-type]
    before = session.client.get(ENGINE.resource, name)
    spec, contents = _changes(name, opts, endpoint, no_tls)
    after = _send(session, before, spec, contents)
    is_same = after["metadata"].get("generation") == before["metadata"].get(
        "generation"
    )
    click.echo(f"node/{name} {'unchanged' if is_same else 'configured'}")
    if wait:
        wait_ready(session, after, seconds)
        click.echo(f"node/{name} ready")


def _changes(
    name: str, opts: NodeOptions, endpoint: str | None, no_tls: bool
) -> tuple[Object, dict[str, bytes] | None]:
    """The merge patch for the spec, and data of a new Secret. Raises Failure."""
    spec = opts.fields()
    given = opts.secret()
    field, contents = given if given is not None else ("", None)
    if endpoint is not None:
        spec["endpoint"] = endpoint
    if labels := node_options.split_labels(opts.labels, removable=True):
        spec["labels"] = labels
    if field == "tls" and no_tls:
        raise Failure("--no-tls may not be given with certificates")
    if no_tls:
        spec["tls"] = None
    if contents is not None:
        secret = {"secretName": node_secret.name_of(name, contents)}
        if field == "tls":
            spec["tls"] = secret | dict.fromkeys(TLS_FILES)
        else:
            spec |= {"ssh": secret, "sshConfig": None}
    if not spec:
        raise Failure("no changes were given", "see supervisor node set -h")
    return spec, contents


def _send(
    session: Session, before: Object, spec: Object, contents: dict[str, bytes] | None
) -> Object:
    name = before["metadata"]["name"]
    dry_run = WriteOptions("Strict", dry_run=True)
    patch = {"spec": spec}
    session.client.patch(
        ENGINE.resource, name, "", patch, PatchType.MERGE, options=dry_run
    )
    if contents is not None:
        node_secret.set_owner(
            session, node_secret.ensure(session, name, contents), before
        )
    options = WriteOptions("Strict", "supervisor-node")
    after = session.client.patch(
        ENGINE.resource, name, "", patch, PatchType.MERGE, options=options
    )
    old, new = _secret(before), _secret(after)
    if old and old != new:
        node_secret.delete_owned(session, old, after)
    node_options.warn(session, after, options.warnings)
    return after


def _secret(engine: Object) -> str:
    spec = engine.get("spec") or {}
    given = [(spec.get(field) or {}).get("secretName") for field in ("tls", "ssh")]
    return next((str(name) for name in given if name), "")

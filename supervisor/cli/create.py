"""`supervisor create`: create objects from manifests or from arguments.

Follows kubectl/pkg/cmd/create/create.go.
"""

import click

from supervisor.cli import manifests
from supervisor.cli.create_from import configmap, namespace, secret
from supervisor.cli.failure import Failure
from supervisor.cli.objects import locate, print_result
from supervisor.cli.options import (
    Verb,
    with_connection,
    with_dry_run,
    with_files,
    with_validate,
)
from supervisor.cli.session import Session
from supervisor.client.base import WriteOptions
from supervisor.model.errors import ApiError

_ALIASES = {"ns": "namespace", "cm": "configmap"}


class _Create(click.Group, Verb):
    """Creates from manifests when no subcommand is given."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, _ALIASES.get(cmd_name, cmd_name))


@click.group("create", cls=_Create, invoke_without_command=True)
@with_files
@with_dry_run
@with_validate
@click.option("-o", "--output", default="", help="yaml, json, name, jsonpath=...")
@with_connection
@click.pass_context
def command(
    ctx: click.Context,
    filenames: tuple[str, ...],
    recursive: bool,
    dry_run: str,
    validation: str,
    output: str,
) -> None:
    """Create objects from files, from stdin (-f -), or from literals.

    \b
    supervisor create -f kubia-rc.yaml
    supervisor create namespace team-a
    supervisor create configmap app --from-literal=colour=blue
    """
    if ctx.invoked_subcommand is not None:
        return
    if not filenames:
        raise Failure("must specify one of -f and a kind", "see supervisor create -h")
    session: Session = ctx.obj
    for manifest in manifests.read(filenames, recursive=recursive):
        options = WriteOptions(validation, "kubectl-create", dry_run == "server")
        try:
            ref = locate(session, manifest)
            made = manifest.object
            if dry_run != "client":
                name = ref.resource.full_name
                made = session.client.create(name, made, ref.namespace, options)
            session.warn(options.warnings)
            print_result(session, made, "created", output, dry_run)
        except Failure as error:
            session.fail(error)
        except ApiError as error:
            session.fail(error, f'error when creating "{manifest.source}"')


command.add_command(namespace)
command.add_command(configmap)
command.add_command(secret)

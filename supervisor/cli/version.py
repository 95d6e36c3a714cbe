"""`supervisor version`: print client and server versions."""

import click

from supervisor import __version__
from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session


@click.command("version", cls=Verb)
@click.option(
    "--client", "only_client", is_flag=True, help="Print only the client version."
)
@click.option("-o", "--output", default="", metavar="yaml|json")
@with_connection
@click.pass_obj
def command(session: Session, /, only_client: bool, output: str) -> None:
    """Print the versions of this command and of the server."""
    if output not in ("", "yaml", "json"):
        raise Failure("--output must be 'yaml' or 'json'")
    versions: dict[str, object] = {"clientVersion": {"gitVersion": f"v{__version__}"}}
    if not output:
        click.echo(f"Client Version: v{__version__}")
    if not only_client:
        server = session.client.connection.json("GET", "/version")
        versions["serverVersion"] = server
        if not output:
            click.echo(f"Server Version: {server.get('gitVersion')}")
    if output:
        from supervisor.cli.output import to_json, to_yaml

        click.echo((to_yaml if output == "yaml" else to_json)(versions), nl=False)

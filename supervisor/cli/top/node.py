"""`supervisor top node`: CPU and memory in use by machines.

Follows kubectl/pkg/cmd/top/top_node.go.
"""

import click

from supervisor.cli import tables
from supervisor.cli.completing import complete_nodes
from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb
from supervisor.cli.session import Session
from supervisor.cli.top import amounts
from supervisor.cli.top.options import with_top_options
from supervisor.kinds.identity import NODE, NODE_METRICS
from supervisor.model.meta import Object

_HEADER = ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]


@click.command("node", cls=Verb)
@click.argument("name", required=False, metavar="NODE", shell_complete=complete_nodes)
@with_top_options
@click.pass_obj
def command(
    session: Session,
    /,
    name: str | None,
    labels: str,
    sort_by: str | None,
    no_headers: bool,
) -> None:
    """Display CPU and memory in use by nodes.

    Percentages are of what pods can use. A node that cannot be measured has
    `<unknown>` values.
    """
    if name and labels:
        raise Failure("only one of NAME or --selector can be provided")
    client = session.client
    if name:
        nodes = [client.get(NODE.resource, name)]
        metrics = [client.get(NODE_METRICS.resource, name)]
    else:
        nodes = client.list(NODE.resource, labels=labels).items
        metrics = client.list(NODE_METRICS.resource, labels=labels).items
    if not nodes:
        raise Failure("metrics not available yet")
    rows = _rows(nodes, metrics, sort_by or "")
    click.echo(tables.render(rows if no_headers else [_HEADER, *rows]), nl=False)


def _rows(nodes: list[Object], metrics: list[Object], sort_by: str) -> list[list[str]]:
    capacity = {
        node["metadata"]["name"]: amounts.read(
            (node.get("status") or {}).get("allocatable") or {}
        )
        for node in nodes
    }
    used: list[amounts.Row] = [
        ((m["metadata"]["name"],), amounts.read(m["usage"])) for m in metrics
    ]
    rows = []
    for (name,), usage in sorted(used, key=amounts.order(sort_by)):
        most = capacity.pop(name, amounts.Amounts())
        cpu, memory = usage.cells
        cpu_share = amounts.percentage(usage.cpu, most.cpu)
        memory_share = amounts.percentage(usage.memory, most.memory)
        rows.append([name, cpu, cpu_share, memory, memory_share])
    return rows + [[name, *["<unknown>"] * 4] for name in sorted(capacity)]

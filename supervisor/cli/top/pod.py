"""`supervisor top pod`: CPU and memory in use by pods and their containers.

Follows kubectl/pkg/cmd/top/top_pod.go.
"""

from dataclasses import dataclass

import click

from supervisor.cli import tables
from supervisor.cli.completing import complete_pods
from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_field_selector
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.top import amounts
from supervisor.cli.top.amounts import Row
from supervisor.cli.top.options import with_top_options
from supervisor.kinds.identity import POD_METRICS
from supervisor.model.meta import Object


@dataclass(frozen=True)
class Layout:
    """Which columns and lines are printed."""

    namespaces: bool
    containers: bool
    headers: bool
    total: bool


@click.command("pod", cls=Verb)
@click.argument("name", required=False, metavar="POD", shell_complete=complete_pods)
@click.option("-A", "--all-namespaces", is_flag=True, help="Pods of all namespaces.")
@click.option("--containers", is_flag=True, help="A line for each container.")
@click.option("--sum", "total", is_flag=True, help="Print the sum, too.")
@with_field_selector
@with_top_options
@click.pass_obj
def command(
    session: Session,
    /,
    name: str | None,
    all_namespaces: bool,
    containers: bool,
    total: bool,
    fields: str,
    labels: str,
    sort_by: str | None,
    no_headers: bool,
) -> None:
    """Display CPU and memory in use by running pods."""
    if name and (labels or fields):
        raise Failure("only one of NAME or selector can be provided")
    resource = POD_METRICS.resource
    if name:
        found = [session.client.get(resource, name, session.namespace)]
    else:
        namespace = "" if all_namespaces else session.namespace
        listed = session.client.list(resource, namespace, labels=labels, fields=fields)
        found = listed.items
    if not found:
        where = "" if all_namespaces else f" in {session.namespace} namespace"
        print_stderr(f"No resources found{where}.")
        return
    layout = Layout(all_namespaces, containers, not no_headers, total)
    click.echo(tables.render(lines(found, layout, sort_by or "")), nl=False)


def lines(metrics: list[Object], layout: Layout, sort_by: str) -> list[list[str]]:
    """The table of PodMetrics, of which there is at least one."""
    rows = [row for one in metrics for row in _rows(one, layout)]
    rows.sort(key=amounts.order(sort_by))
    found = [_header(layout)] if layout.headers else []
    found += [[*place, *usage.cells] for place, usage in rows]
    if layout.total:
        empty = [""] * len(rows[0][0])
        total = amounts.total(usage for _, usage in rows)
        found += [[*empty, "________", "________"], [*empty, *total.cells]]
    return found


def _rows(metrics: Object, layout: Layout) -> list[Row]:
    meta = metrics["metadata"]
    place = (meta["namespace"],) if layout.namespaces else ()
    place += (meta["name"],)
    usage = {c["name"]: amounts.read(c["usage"]) for c in metrics["containers"]}
    if layout.containers:
        return [((*place, name), one) for name, one in usage.items()]
    return [(place, amounts.total(usage.values()))]


def _header(layout: Layout) -> list[str]:
    space = ["NAMESPACE"] if layout.namespaces else []
    names = ["POD", "NAME"] if layout.containers else ["NAME"]
    return [*space, *names, "CPU(cores)", "MEMORY(bytes)"]

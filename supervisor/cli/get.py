"""`supervisor get`: print objects as tables or in another format.

Follows kubectl/pkg/cmd/get/get.go.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.discovery import Resource
from supervisor.cli.failure import Failure
from supervisor.cli.objects import PAGE, ObjectRef, locate, name_of
from supervisor.cli.options import (
    Verb,
    with_connection,
    with_field_selector,
    with_files,
    with_selector,
)
from supervisor.cli.output import as_list, printer
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.sorting import sorted_objects, sorted_rows
from supervisor.cli.tables import TableWriter
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

TABLE = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,"
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)


@dataclass(frozen=True)
class GetOptions:
    """The options of one `get`."""

    output: str
    labels: str
    fields: str
    all_namespaces: bool
    watch: bool
    watch_only: bool
    headers: bool
    show_labels: bool
    label_columns: tuple[str, ...]
    sort_by: str
    ignore_not_found: bool
    output_watch_events: bool

    @property
    def as_table(self) -> bool:
        return self.output in ("", "wide")


@click.command("get", cls=Verb)
@click.argument(
    "args", nargs=-1, metavar="TYPE[,TYPE] [NAME...]", shell_complete=complete_targets
)
@with_files
@with_selector
@with_field_selector
@click.option(
    "-o",
    "--output",
    default="",
    metavar="FORMAT",
    help="wide, yaml, json, name, jsonpath=..., custom-columns=...",
)
@click.option(
    "-A", "--all-namespaces", is_flag=True, help="List objects in all namespaces."
)
@click.option("-w", "--watch", is_flag=True, help="After listing, watch for changes.")
@click.option(
    "--watch-only", is_flag=True, help="Watch for changes without listing first."
)
@click.option(
    "--output-watch-events",
    is_flag=True,
    help="Print the type of each watch event (with -w).",
)
@click.option("--no-headers", is_flag=True, help="Do not print column headers.")
@click.option("--show-labels", is_flag=True, help="Add a column with all labels.")
@click.option(
    "-L",
    "--label-columns",
    multiple=True,
    metavar="KEY",
    help="Add a column with the value of a label.",
)
@click.option(
    "--sort-by",
    default="",
    metavar="JSONPATH",
    help="Sort by a field, such as .metadata.creationTimestamp.",
)
@click.option("--ignore-not-found", is_flag=True, help="Ignore missing objects.")
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    label_columns: tuple[str, ...],
    no_headers: bool,
    **options: object,
) -> None:
    """Display one or many objects.

    \b
    supervisor get pods                     all pods in the namespace
    supervisor get po,rc -o wide            two resource types, more columns
    supervisor get pod kubia -o yaml        one object as YAML
    supervisor get pods -l app=kubia -w     matching pods, and changes
    """
    columns = tuple(c for given in label_columns for c in given.split(",") if c)
    opts = GetOptions(headers=not no_headers, label_columns=columns, **options)  # type: ignore[arg-type]
    selections = list(_selections(session, args, filenames, recursive, opts))
    if opts.watch or opts.watch_only:
        if len(selections) != 1:
            raise Failure("you may only specify a single resource type")
        _watch(session, selections[0], opts)
    elif opts.as_table:
        _tables(session, selections, opts)
    else:
        _objects(session, selections, opts, bool(args[1:]) or "/" in "".join(args))


def _selections(
    session: Session,
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    opts: GetOptions,
) -> Iterator[ObjectRef]:
    """References to objects, or to all objects of a resource if the name is empty."""
    from supervisor.cli import manifests, targets

    if filenames:
        for manifest in manifests.read(filenames, recursive=recursive):
            yield locate(session, manifest)
        return
    for target in targets.parse(session.catalog, args, "get"):
        namespace = session.namespace_of(target.resource)
        if target.name and opts.all_namespaces and target.resource.namespaced:
            raise Failure(
                "a resource cannot be retrieved by name across all namespaces"
            )
        if target.name and (opts.labels or opts.fields):
            raise Failure("name cannot be provided when a selector is specified")
        namespace = "" if opts.all_namespaces else namespace
        yield ObjectRef(target.resource, namespace, target.name)


def _tables(session: Session, selections: list[ObjectRef], opts: GetOptions) -> None:
    groups: dict[Resource, list[ObjectRef]] = {}
    for ref in selections:
        groups.setdefault(ref.resource, []).append(ref)
    found = {kind: list(_pages(session, group, opts)) for kind, group in groups.items()}
    several = sum(bool(tables) for tables in found.values()) > 1
    printed = 0
    for resource, tables in found.items():
        lines: list[str] = []
        writer = _writer(resource, opts, several, lines.append)
        for table in tables:
            writer.add(table)
        if lines:
            click.echo("\n" * bool(printed) + "\n".join(lines))
            printed += 1
    named = any(ref.name for ref in selections)
    if not printed and not session.exit_code and not named:
        _print_nothing_found(session, selections, opts)


def _pages(
    session: Session, group: list[ObjectRef], opts: GetOptions
) -> Iterator[Object]:
    for ref in group:
        try:
            yield from _fetched(session, ref, opts, TABLE)
        except ApiError as error:
            if not (opts.ignore_not_found and error.code == 404):
                session.fail(error)


def _fetched(
    session: Session, ref: ObjectRef, opts: GetOptions, accept: str
) -> Iterator[Object]:
    client = session.client
    path = client.path(ref.resource.full_name, ref.namespace, ref.name)
    query = [("labelSelector", opts.labels), ("fieldSelector", opts.fields)]
    query = [pair for pair in query if pair[1]]
    if opts.sort_by and accept == TABLE:
        query.append(("includeObject", "Object"))
    elif not ref.name:
        query.append(("limit", str(PAGE)))
    token, pages = "", []
    warnings: list[str] = []
    while True:
        more = [("continue", token)] if token else []
        body = client.connection.json(
            "GET", path, query=query + more, accept=accept, warnings=warnings
        )
        pages.append(body)
        token = "" if ref.name else (body.get("metadata") or {}).get("continue") or ""
        if not token:
            break
    session.warn(list(dict.fromkeys(warnings)))
    if opts.sort_by and accept == TABLE:
        pages = [sorted_rows(pages[0], opts.sort_by)]
    yield from pages


def _objects(
    session: Session, selections: list[ObjectRef], opts: GetOptions, named: bool
) -> None:
    found: list[Object] = []
    for ref in selections:
        try:
            for body in _fetched(session, ref, opts, "application/json"):
                found += _items(body)
        except ApiError as error:
            if not (opts.ignore_not_found and error.code == 404):
                session.fail(error)
    if opts.sort_by:
        found = sorted_objects(found, opts.sort_by)
    show = printer(opts.output, lambda obj: name_of(session, obj))
    single = named and len(selections) == 1
    if not found and (single or session.exit_code or opts.output == "name"):
        return
    click.echo(show(found[0] if single else as_list(found)), nl=False)


def _items(body: Object) -> list[Object]:
    if not (str(body.get("kind", "")).endswith("List") and "items" in body):
        return [body]
    kind = str(body["kind"]).removesuffix("List")
    given = {"apiVersion": body.get("apiVersion", ""), "kind": kind}
    return [given | item for item in body["items"] or []]


def _watch(session: Session, ref: ObjectRef, opts: GetOptions) -> None:
    fields = opts.fields
    if ref.name:
        fields = f"metadata.name={ref.name}"
    writer = _writer(ref.resource, opts, False, click.echo)
    show = None
    if not opts.as_table:
        show = printer(opts.output, lambda obj: name_of(session, obj))
    accept = TABLE if show is None else "application/json"

    def print_event(obj: Object, event: str) -> None:
        if show is None:
            writer.add(obj, event)
            return
        for item in _items(obj):
            click.echo(show(item), nl=False)

    since = ""
    for body in _fetched(session, ref, opts, accept):
        meta = body.get("metadata") or {}
        since = _version(session, ref, meta)
        if not opts.watch_only:
            print_event(body, "ADDED")
    watch = session.client.watch(
        ref.resource.full_name,
        ref.namespace,
        since=since,
        labels=opts.labels,
        fields=fields,
        accept=accept,
    )
    for event in watch:
        if event.type == "ERROR":
            raise ApiError.from_status(event.object, 500)
        if event.type != "BOOKMARK":
            print_event(event.object, event.type)


def _version(session: Session, ref: ObjectRef, meta: Object) -> str:
    """The resourceVersion to watch from; a Table of one object may have none."""
    version = meta.get("resourceVersion")
    if not version:
        found = session.client.list(ref.resource.full_name, ref.namespace, limit=1)
        version = found.resource_version
    return str(version)


def _writer(
    resource: Resource, opts: GetOptions, several: bool, write: Callable[[str], None]
) -> TableWriter:
    return TableWriter(
        write,
        wide=opts.output == "wide",
        headers=opts.headers,
        with_namespace=opts.all_namespaces and resource.namespaced,
        label_columns=opts.label_columns,
        show_labels=opts.show_labels,
        prefix=f"{resource.display_name}/" if several else "",
        with_event=opts.output_watch_events and (opts.watch or opts.watch_only),
    )


def _print_nothing_found(
    session: Session, selections: list[ObjectRef], opts: GetOptions
) -> None:
    if opts.ignore_not_found:
        return
    namespaced = any(ref.resource.namespaced for ref in selections)
    if namespaced and not opts.all_namespaces:
        print_stderr(f"No resources found in {session.namespace} namespace.")
    else:
        print_stderr("No resources found")

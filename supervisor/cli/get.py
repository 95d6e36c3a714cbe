"""`supervisor get`: tables, or the objects themselves.

Follows kubectl/pkg/cmd/get/get.go.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.discovery import Resource
from supervisor.cli.failure import Failure
from supervisor.cli.objects import PAGE, Place, locate, name_of
from supervisor.cli.options import (
    Verb,
    with_connection,
    with_field_selector,
    with_files,
    with_selector,
)
from supervisor.cli.output import as_list, printer
from supervisor.cli.session import Session, say
from supervisor.cli.sorting import sorted_objects, sorted_rows
from supervisor.cli.tables import TableWriter
from supervisor.kinds.identity import EVENT
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
    events: bool

    @property
    def as_table(self) -> bool:
        return self.output in ("", "wide")


@click.command("get", cls=Verb)
@click.argument(
    "words", nargs=-1, metavar="TYPE[,TYPE] [NAME...]", shell_complete=complete_targets
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
@click.option("-A", "--all-namespaces", is_flag=True, help="Look into all namespaces.")
@click.option("-w", "--watch", is_flag=True, help="Go on, and print each change.")
@click.option("--watch-only", is_flag=True, help="Print changes without a list before.")
@click.option(
    "--output-watch-events",
    EVENT.resource,
    is_flag=True,
    help="Print what happened to each object (with -w).",
)
@click.option("--no-headers", is_flag=True, help="Print no column names.")
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
@click.option("--ignore-not-found", is_flag=True, help="What is missing is no error.")
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    label_columns: tuple[str, ...],
    no_headers: bool,
    **options: object,
) -> None:
    """Display one or many objects.

    \b
    supervisor get pods                     all pods of the namespace
    supervisor get po,rc -o wide            two kinds, with more columns
    supervisor get pod kubia -o yaml        one object as YAML
    supervisor get pods -l app=kubia -w     some pods, and each change
    """
    columns = tuple(c for given in label_columns for c in given.split(",") if c)
    opts = GetOptions(headers=not no_headers, label_columns=columns, **options)  # type: ignore[arg-type]
    selections = list(_selections(session, words, filenames, recursive, opts))
    if opts.watch or opts.watch_only:
        if len(selections) != 1:
            raise Failure("you may only specify a single resource type")
        _watch(session, selections[0], opts)
    elif opts.as_table:
        _tables(session, selections, opts)
    else:
        _objects(session, selections, opts, bool(words[1:]) or "/" in "".join(words))


def _selections(
    session: Session,
    words: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    opts: GetOptions,
) -> Iterator[Place]:
    """Objects, or whole resources where a Place has no name."""
    from supervisor.cli import manifests, targets

    if filenames:
        for manifest in manifests.read(filenames, recursive=recursive):
            yield locate(session, manifest)
        return
    for target in targets.parse(session.catalog, words, "get"):
        namespace = session.namespace_of(target.resource)
        if target.name and opts.all_namespaces and target.resource.namespaced:
            raise Failure(
                "a resource cannot be retrieved by name across all namespaces"
            )
        if target.name and (opts.labels or opts.fields):
            raise Failure("name cannot be provided when a selector is specified")
        namespace = "" if opts.all_namespaces else namespace
        yield Place(target.resource, namespace, target.name)


def _tables(session: Session, selections: list[Place], opts: GetOptions) -> None:
    groups: dict[Resource, list[Place]] = {}
    for place in selections:
        groups.setdefault(place.resource, []).append(place)
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
    named = any(place.name for place in selections)
    if not printed and not session.exit_code and not named:
        _say_nothing_found(session, selections, opts)


def _pages(session: Session, group: list[Place], opts: GetOptions) -> Iterator[Object]:
    for place in group:
        try:
            yield from _fetched(session, place, opts, TABLE)
        except ApiError as error:
            if not (opts.ignore_not_found and error.code == 404):
                session.fail(error)


def _fetched(
    session: Session, place: Place, opts: GetOptions, accept: str
) -> Iterator[Object]:
    client = session.client
    path = client.path(place.resource.full_name, place.namespace, place.name)
    query = [("labelSelector", opts.labels), ("fieldSelector", opts.fields)]
    query = [pair for pair in query if pair[1]]
    if opts.sort_by and accept == TABLE:
        query.append(("includeObject", "Object"))
    elif not place.name:
        query.append(("limit", str(PAGE)))
    token, pages = "", []
    warnings: list[str] = []
    while True:
        more = [("continue", token)] if token else []
        body = client.connection.json(
            "GET", path, query=query + more, accept=accept, warnings=warnings
        )
        pages.append(body)
        token = "" if place.name else (body.get("metadata") or {}).get("continue") or ""
        if not token:
            break
    session.warn(list(dict.fromkeys(warnings)))
    if opts.sort_by and accept == TABLE:
        pages = [sorted_rows(pages[0], opts.sort_by)]
    yield from pages


def _objects(
    session: Session, selections: list[Place], opts: GetOptions, named: bool
) -> None:
    found: list[Object] = []
    for place in selections:
        try:
            for body in _fetched(session, place, opts, "application/json"):
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


def _watch(session: Session, place: Place, opts: GetOptions) -> None:
    fields = opts.fields
    if place.name:
        fields = f"metadata.name={place.name}"
    writer = _writer(place.resource, opts, False, click.echo)
    show = None
    if not opts.as_table:
        show = printer(opts.output, lambda obj: name_of(session, obj))
    accept = TABLE if show is None else "application/json"

    def tell(obj: Object, event: str) -> None:
        if show is None:
            writer.add(obj, event)
            return
        for item in _items(obj):
            click.echo(show(item), nl=False)

    since = ""
    for body in _fetched(session, place, opts, accept):
        meta = body.get("metadata") or {}
        since = _version(session, place, meta)
        if not opts.watch_only:
            tell(body, "ADDED")
    watch = session.client.watch(
        place.resource.full_name,
        place.namespace,
        since=since,
        labels=opts.labels,
        fields=fields,
        accept=accept,
    )
    for event in watch:
        if event.type == "ERROR":
            raise ApiError.from_status(event.object, 500)
        if event.type != "BOOKMARK":
            tell(event.object, event.type)


def _version(session: Session, place: Place, meta: Object) -> str:
    """From where to watch on; a table of one object may not tell its version."""
    version = meta.get("resourceVersion")
    if not version:
        found = session.client.list(place.resource.full_name, place.namespace, limit=1)
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
        prefix=f"{resource.printed}/" if several else "",
        with_event=opts.events and (opts.watch or opts.watch_only),
    )


def _say_nothing_found(
    session: Session, selections: list[Place], opts: GetOptions
) -> None:
    if opts.ignore_not_found:
        return
    namespaced = any(place.resource.namespaced for place in selections)
    if namespaced and not opts.all_namespaces:
        say(f"No resources found in {session.namespace} namespace.")
    else:
        say("No resources found")

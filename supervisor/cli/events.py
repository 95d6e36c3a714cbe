"""`supervisor events`: list events, oldest first.

Follows kubectl/pkg/cmd/events/events.go.
"""

from collections.abc import Callable, Iterator, Sequence

import click

from supervisor.cli import targets
from supervisor.cli.failure import Failure
from supervisor.cli.now import now
from supervisor.cli.objects import name_of
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.output import as_list, printer
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.tables import join, layout
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import interval
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_TYPES = ("Normal", "Warning")
_HEADER = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]


@click.command("events", cls=Verb)
@click.option(
    "--for",
    "about",
    default="",
    metavar="TYPE/NAME",
    help="Only events about this object.",
)
@click.option(
    "--types", default="", metavar="Normal,Warning", help="Only events of these types."
)
@click.option(
    "-A", "--all-namespaces", is_flag=True, help="List events in all namespaces."
)
@click.option(
    "-w", "--watch", is_flag=True, help="After listing, watch for new events."
)
@click.option("--no-headers", is_flag=True, help="Do not print column headers.")
@click.option("-o", "--output", default="", metavar="FORMAT", help="yaml, json, name")
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    about: str,
    types: str,
    all_namespaces: bool,
    watch: bool,
    no_headers: bool,
    output: str,
) -> None:
    """List events.

    \b
    supervisor events
    supervisor events --for pod/kubia-liveness --watch
    supervisor events --types=Warning
    """
    chosen = _types(types)
    namespace = "" if all_namespaces else session.namespace
    fields = _fields(session, about)
    listed = session.client.list("events", namespace, fields=fields)
    found = [event for event in listed.items if _has_type(event, chosen)]
    found.sort(key=_last_seen)
    rows = _Rows(all_namespaces, not no_headers, click.echo)
    show = printer(output, lambda o: name_of(session, o)) if output else None
    if show is not None:
        click.echo(show(as_list(found)), nl=False)
    else:
        rows.add(found)
    if not watch:
        if not found and show is None:
            where = "" if all_namespaces else f" in {session.namespace} namespace."
            print_stderr(f"No events found{where}")
        return
    for event in _watch(session, namespace, listed.resource_version, fields, chosen):
        if show is not None:
            click.echo(show(event), nl=False)
        else:
            rows.add([event])


def _watch(
    session: Session, namespace: str, since: str, fields: str, types: set[str]
) -> Iterator[Object]:
    watch = session.client.watch("events", namespace, since=since, fields=fields)
    for event in watch:
        if event.type == "ERROR":
            raise ApiError.from_status(event.object, 500)
        if event.type in ("ADDED", "MODIFIED") and _has_type(event.object, types):
            yield event.object


class _Rows:
    """Prints rows one by one; columns never become narrower."""

    def __init__(
        self, with_namespace: bool, header: bool, write: Callable[[str], None]
    ) -> None:
        self._with_namespace = with_namespace
        self._header = header
        self._write = write
        self._widths: list[int] = []

    def add(self, events: Sequence[Object]) -> None:
        page = Page(now())
        lines = [self._cells(page, event) for event in events]
        if not lines:
            return
        if self._header:
            lines.insert(0, ["NAMESPACE"] * self._with_namespace + _HEADER)
            self._header = False
        self._widths = layout(lines, self._widths)
        for line in lines:
            self._write(join(line, self._widths))

    def _cells(self, page: Page, event: Object) -> list[str]:
        about = event.get("involvedObject") or {}
        space = [event["metadata"].get("namespace") or ""]
        return [
            *(space * self._with_namespace),
            interval(page, event),
            str(event.get("type") or ""),
            str(event.get("reason") or ""),
            f"{about.get('kind')}/{about.get('name')}",
            str(event.get("message") or "").strip().replace("\n", " "),
        ]


def _types(text: str) -> set[str]:
    chosen = {part.strip() for part in text.split(",") if part.strip()}
    known = {name.lower(): name for name in _TYPES}
    if any(name.lower() not in known for name in chosen):
        raise Failure("valid --types are Normal or Warning")
    return {known[name.lower()] for name in chosen}


def _fields(session: Session, about: str) -> str:
    if not about:
        return ""
    if "/" not in about:
        raise Failure("--for must be in resource/name form", "for example --for pod/x")
    target = targets.parse(session.catalog, [about], "events")[0]
    resource = target.resource
    return (
        f"involvedObject.kind={resource.kind},"
        f"involvedObject.apiVersion={resource.api_version},"
        f"involvedObject.name={target.name}"
    )


def _has_type(event: Object, types: set[str]) -> bool:
    return not types or event.get("type") in types


def _last_seen(event: Object) -> str:
    return str(
        (event.get("series") or {}).get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or ""
    )

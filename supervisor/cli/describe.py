"""`supervisor describe`: print an object in detail, with related objects and events.

This module only reads; the text is written by each kind (supervisor.kinds).
Follows kubectl/pkg/cmd/describe/describe.go.
"""

from collections.abc import Sequence

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.now import now
from supervisor.cli.objects import ObjectRef, read_all, select_objects
from supervisor.cli.options import Verb, with_connection, with_files, with_selector
from supervisor.cli.session import Session, print_stderr
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Kind
from supervisor.kinds.describing import generic
from supervisor.kinds.describing.page import Page
from supervisor.kinds.identity import EVENT, Identity
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object


@click.command("describe", cls=Verb)
@click.argument(
    "args",
    nargs=-1,
    metavar="TYPE[,TYPE] [NAME_PREFIX...]",
    shell_complete=complete_targets,
)
@with_files
@with_selector
@click.option(
    "-A", "--all-namespaces", is_flag=True, help="List objects in all namespaces."
)
@click.option(
    "--show-events", is_flag=True, default=True, help="Show events (the default)."
)
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    labels: str,
    all_namespaces: bool,
    show_events: bool,
) -> None:
    """Show details of objects, related objects and events.

    \b
    supervisor describe pod kubia-liveness
    supervisor describe rc/kubia
    supervisor describe pods -l app=kubia
    """
    found = list(_found(session, args, filenames, recursive, labels, all_namespaces))
    texts = 0
    for ref, obj in found:
        try:
            if obj is None:
                obj = session.client.get(
                    ref.resource.full_name, ref.name, ref.namespace
                )
            text = _describe(session, ref, obj, show_events)
        except ApiError as error:
            session.fail(error)
            continue
        click.echo(("\n\n" if texts else "") + text, nl=False)
        texts += 1
    if not found and not session.exit_code:
        where = "" if all_namespaces else f" in {session.namespace} namespace."
        print_stderr(f"No resources found{where}")


def _found(
    session: Session,
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    labels: str,
    all_namespaces: bool,
) -> list[tuple[ObjectRef, Object | None]]:
    """The selected objects; a name that does not exist is used as a prefix."""
    bare = not filenames and len(args) == 1 and "/" not in args[0]
    chosen = list(
        select_objects(
            session,
            "describe",
            args,
            filenames,
            recursive,
            labels,
            select_all=bare,
            all_namespaces=all_namespaces,
        )
    )
    found: list[tuple[ObjectRef, Object | None]] = []
    for ref, obj in chosen:
        found += [(ref, obj)] if obj is not None else _by_name(session, ref)
    return found


def _by_name(session: Session, ref: ObjectRef) -> list[tuple[ObjectRef, Object | None]]:
    name, space = ref.resource.full_name, ref.namespace
    try:
        return [(ref, session.client.get(name, ref.name, space))]
    except ApiError as error:
        if error.code != 404:
            raise
        items = read_all(session, ref.resource, space, "", "")
        matching = [i for i in items if i["metadata"]["name"].startswith(ref.name)]
        if not matching:
            session.fail(error)
        return [
            (ObjectRef(ref.resource, space, item["metadata"]["name"]), item)
            for item in matching
        ]


def _describe(session: Session, ref: ObjectRef, obj: Object, show_events: bool) -> str:
    served = CATALOG.by_kind(str(obj.get("apiVersion")), str(obj.get("kind")))
    resource = served.resource if served is not None else None
    describe = resource.describe if isinstance(resource, Kind) else generic.describe
    page = Page(now())
    describe(page, obj, _Reader(session, show_events))
    return page.text()


class _Reader:
    """Reads through the session. Satisfies kinds.describing.reader.Reader."""

    def __init__(self, session: Session, show_events: bool) -> None:
        self._session = session
        self._show_events = show_events

    def get(self, kind: Identity, name: str, namespace: str = "") -> Object | None:
        try:
            return self._session.client.get(kind.resource, name, namespace)
        except ApiError:
            return None

    def list(
        self, kind: Identity, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Sequence[Object]:
        resource = self._session.catalog.find(kind.resource)
        return read_all(self._session, resource, namespace, labels, fields)

    def events(self, obj: Object, *, uid: str = "") -> Sequence[Object] | None:
        if not self._show_events:
            return None
        meta = obj["metadata"]
        selector = {
            "involvedObject.name": meta["name"],
            "involvedObject.namespace": meta.get("namespace") or "",
            "involvedObject.kind": obj["kind"],
            "involvedObject.uid": uid or meta.get("uid") or "",
        }
        fields = ",".join(f"{key}={value}" for key, value in selector.items() if value)
        return self.list(EVENT, meta.get("namespace") or "", fields=fields)

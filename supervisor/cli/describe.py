"""`supervisor describe`: an object, what belongs to it, and what happened to it.

Only fetches; the texts are made by supervisor.cli.descriptions.
Follows kubectl/pkg/cmd/describe/describe.go.
"""

from collections.abc import Callable

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.descriptions import (
    data,
    generic,
    namespace,
    node,
    pod,
    replicationcontroller,
)
from supervisor.cli.descriptions.page import Page
from supervisor.cli.now import now
from supervisor.cli.objects import Place, places, read_all
from supervisor.cli.options import Verb, with_connection, with_files, with_selector
from supervisor.cli.session import Session, say
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

Events = list[Object] | None

_NODE_LEASES = "kube-node-lease"


@click.command("describe", cls=Verb)
@click.argument(
    "words",
    nargs=-1,
    metavar="TYPE[,TYPE] [NAME_PREFIX...]",
    shell_complete=complete_targets,
)
@with_files
@with_selector
@click.option("-A", "--all-namespaces", is_flag=True, help="Look into all namespaces.")
@click.option(
    "--show-events", is_flag=True, default=True, help="Show events (the default)."
)
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
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
    found = list(_found(session, words, filenames, recursive, labels, all_namespaces))
    texts = 0
    for place, obj in found:
        try:
            if obj is None:
                obj = session.client.get(
                    place.resource.full_name, place.name, place.namespace
                )
            text = _describe(session, place, obj, show_events)
        except ApiError as error:
            session.fail(error)
            continue
        click.echo(("\n\n" if texts else "") + text, nl=False)
        texts += 1
    if not found and not session.exit_code:
        where = "" if all_namespaces else f" in {session.namespace} namespace."
        say(f"No resources found{where}")


def _found(
    session: Session,
    words: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    labels: str,
    all_namespaces: bool,
) -> list[tuple[Place, Object | None]]:
    """The objects; a name that none has stands for all that begin with it."""
    bare = not filenames and len(words) == 1 and "/" not in words[0]
    chosen = list(
        places(
            session,
            "describe",
            words,
            filenames,
            recursive,
            labels,
            every=bare,
            all_namespaces=all_namespaces,
        )
    )
    found: list[tuple[Place, Object | None]] = []
    for place, obj in chosen:
        found += [(place, obj)] if obj is not None else _by_name(session, place)
    return found


def _by_name(session: Session, place: Place) -> list[tuple[Place, Object | None]]:
    name, space = place.resource.full_name, place.namespace
    try:
        return [(place, session.client.get(name, place.name, space))]
    except ApiError as error:
        if error.code != 404:
            raise
        items = read_all(session, place.resource, space, "", "")
        like = [i for i in items if i["metadata"]["name"].startswith(place.name)]
        if not like:
            session.fail(error)
        return [
            (Place(place.resource, space, item["metadata"]["name"]), item)
            for item in like
        ]


def _describe(session: Session, place: Place, obj: Object, show_events: bool) -> str:
    page = Page(now())
    write = _WRITERS.get(place.resource.full_name, _write_generic)
    write(session, page, obj, show_events)
    return page.text()


def _events(session: Session, obj: Object, uid: str = "") -> Events:
    meta = obj["metadata"]
    wanted = {
        "involvedObject.name": meta["name"],
        "involvedObject.namespace": meta.get("namespace") or "",
        "involvedObject.kind": obj["kind"],
        "involvedObject.uid": uid or meta.get("uid") or "",
    }
    fields = ",".join(f"{key}={value}" for key, value in wanted.items() if value)
    resource = session.catalog.find("events")
    return read_all(session, resource, meta.get("namespace") or "", "", fields)


def _write_pod(session: Session, page: Page, obj: Object, show_events: bool) -> None:
    pod.describe(page, obj, _events(session, obj) if show_events else None)


def _write_rc(session: Session, page: Page, obj: Object, show_events: bool) -> None:
    selector = (obj.get("spec") or {}).get("selector") or {}
    labels = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    space = obj["metadata"]["namespace"]
    pods = read_all(session, session.catalog.find("pods"), space, labels, "")
    events = _events(session, obj) if show_events else None
    replicationcontroller.describe(page, obj, pods, events)


def _write_node(session: Session, page: Page, obj: Object, show_events: bool) -> None:
    name = obj["metadata"]["name"]
    fields = f"spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed"
    pods = read_all(session, session.catalog.find("pods"), "", "", fields)
    try:
        lease = session.client.get("leases.coordination.k8s.io", name, _NODE_LEASES)
    except ApiError:
        lease = None
    events: Events = None
    if show_events:
        # The kubelet names its node by name where others use the uid.
        events = [*(_events(session, obj) or []), *(_events(session, obj, name) or [])]
    node.describe(page, obj, node.Related(lease, pods, events))


def _write_namespace(
    session: Session, page: Page, obj: Object, show_events: bool
) -> None:
    namespace.describe(page, obj)


def _write_config_map(
    session: Session, page: Page, obj: Object, show_events: bool
) -> None:
    events = _events(session, obj) if show_events else None
    data.describe_config_map(page, obj, events)


def _write_secret(session: Session, page: Page, obj: Object, show_events: bool) -> None:
    data.describe_secret(page, obj)


def _write_generic(
    session: Session, page: Page, obj: Object, show_events: bool
) -> None:
    generic.describe(page, obj, _events(session, obj) if show_events else None)


_WRITERS: dict[str, Callable[[Session, Page, Object, bool], None]] = {
    "pods": _write_pod,
    "replicationcontrollers": _write_rc,
    "nodes": _write_node,
    "namespaces": _write_namespace,
    "configmaps": _write_config_map,
    "secrets": _write_secret,
}

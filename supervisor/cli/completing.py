"""Shell completion of kinds and names, read from the server.

Rules
- On any error, completion returns no candidates and prints nothing.
"""

import click
from click.shell_completion import CompletionItem

from supervisor.cli.failure import Failure
from supervisor.cli.session import Session
from supervisor.kinds.identity import NAMESPACE, NODE, POD
from supervisor.model.errors import ApiError


def complete_targets(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Kinds for the first argument, then names of objects of that kind."""
    try:
        return [CompletionItem(text) for text in _targets(ctx, incomplete)]
    except (ApiError, Failure):
        return []


def complete_pods(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of pods."""
    session = ctx.find_root().obj
    try:
        names = _names(session, POD.resource, "")
    except (ApiError, Failure):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_nodes(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of nodes."""
    session = ctx.find_root().obj
    try:
        names = _names(session, NODE.resource, "")
    except (ApiError, Failure):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_namespaces(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of namespaces."""
    session = ctx.find_root().obj
    try:
        names = _names(session, NAMESPACE.resource, "")
    except (ApiError, Failure):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _targets(ctx: click.Context, incomplete: str) -> list[str]:
    session: Session = ctx.find_root().obj
    before = list(ctx.params.get("args") or ())
    kind, slash, _ = incomplete.partition("/")
    if slash:
        found = [f"{kind}/{name}" for name in _names(session, kind, kind)]
    elif before:
        found = _names(session, before[0], before[0])
    else:
        found = [r.plural for r in session.catalog.resources if "list" in r.verbs]
    return [text for text in found if text.startswith(incomplete)]


def _names(session: Session, kind: str, typed: str) -> list[str]:
    resource = session.catalog.find(typed or kind)
    namespace = session.namespace_of(resource)
    listed = session.client.list(resource.full_name, namespace, limit=100)
    return [item["metadata"]["name"] for item in listed.items]

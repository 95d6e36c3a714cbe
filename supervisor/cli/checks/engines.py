"""Checks of the engines of all nodes, as reported by the daemon.

Only the daemon can connect to all engines, so these checks need it.
"""

from collections.abc import Iterator

from supervisor.cli.checks.finding import CheckContext, Finding, fail, ok, warn
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import CONNECTED
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_PATH = "/apis/supervisor.io/v1/leftovers"
_MAX_NAMED = 3


def run(context: CheckContext) -> Iterator[Finding]:
    if not context.api_answers:
        return
    try:
        engines = context.session.client.list(ENGINE.resource).items
        left = context.session.client.connection.json("GET", _PATH)
    except ApiError as error:
        yield fail("engines", error.message)
        return
    yield from _engines(engines)
    yield from _leftovers(left["items"])
    yield from _unreachable(left["silent"])
    if not left["items"] and not left["silent"]:
        yield ok("leftovers", "none on any node's engine")


def _engines(engines: list[Object]) -> Iterator[Finding]:
    connected = 0
    for engine in engines:
        status = engine.get("status") or {}
        phase = status.get("phase") or "Connecting"
        if phase == CONNECTED and not status.get("message"):
            connected += 1
            continue
        name, text = engine["metadata"]["name"], status.get("message") or "no answer"
        level = warn if phase == CONNECTED else fail
        hint = f"see `supervisor describe node {name}`"
        yield level("engines", f"{name} is {phase}: {text}", hint)
    if connected:
        yield ok("engines", f"{connected} connected")


def _leftovers(items: list[Object]) -> Iterator[Finding]:
    """Leftovers that agents will remove, and those that must be removed manually."""
    removed = [item for item in items if item["isRemoved"]]
    remaining = [item for item in items if not item["isRemoved"]]
    if removed:
        hint = "their node removes them; see the daemon's log if they remain"
        yield warn("leftovers", f"{_count(removed)}: {_named(removed)}", hint)
    if remaining:
        hint = "remove them with docker rm -f, docker volume rm, docker network rm"
        yield warn("leftovers", f"{_count(remaining)}: {_named(remaining)}", hint)


def _count(items: list[Object]) -> str:
    """`2 containers, 1 volume`."""
    kinds = sorted({item["type"] for item in items})
    counts = {kind: sum(i["type"] == kind for i in items) for kind in kinds}
    return ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts.items())


def _named(items: list[Object]) -> str:
    texts = [f"{i['name']} on {i['node']} ({i['reason']})" for i in items[:_MAX_NAMED]]
    more = [f"{len(items) - _MAX_NAMED} more"] if len(items) > _MAX_NAMED else []
    return ", ".join([*texts, *more])


def _unreachable(nodes: list[Object]) -> Iterator[Finding]:
    for node in nodes:
        yield warn("leftovers", f"{node['node']} was not checked: {node['message']}")

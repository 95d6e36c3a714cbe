"""The engines of all nodes, as the daemon sees them: connected, and what is left there.

Only the daemon has the way to each of them, so nothing is found while it does not
answer.
"""

from collections.abc import Iterator

from supervisor.cli.checks.finding import Finding, Patient, fail, ok, warn
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import CONNECTED
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_PATH = "/apis/supervisor.io/v1/leftovers"
_MAX_NAMED = 3


def examine(patient: Patient) -> Iterator[Finding]:
    if not patient.api_answers:
        return
    try:
        engines = patient.session.client.list(ENGINE.resource).items
        left = patient.session.client.connection.json("GET", _PATH)
    except ApiError as error:
        yield fail("engines", error.message)
        return
    yield from _engines(engines)
    yield from _leftovers(left["items"])
    yield from _silent(left["silent"])
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
        hint = f"`supervisor describe node {name}` tells more"
        yield level("engines", f"{name} is {phase}: {text}", hint)
    if connected:
        yield ok("engines", f"{connected} connected")


def _leftovers(items: list[Object]) -> Iterator[Finding]:
    """Those that go by themselves, and those that nobody removes."""
    goes = [item for item in items if item["isRemoved"]]
    stays = [item for item in items if not item["isRemoved"]]
    if goes:
        hint = "their node removes them; the daemon's log tells what keeps it from that"
        yield warn("leftovers", f"{_count(goes)}: {_named(goes)}", hint)
    if stays:
        hint = "nobody removes them: docker rm -f, docker volume rm, docker network rm"
        yield warn("leftovers", f"{_count(stays)}: {_named(stays)}", hint)


def _count(items: list[Object]) -> str:
    """`2 containers, 1 volume`."""
    sorts = sorted({item["type"] for item in items})
    counts = {sort: sum(i["type"] == sort for i in items) for sort in sorts}
    return ", ".join(f"{n} {s}{'s' if n > 1 else ''}" for s, n in counts.items())


def _named(items: list[Object]) -> str:
    texts = [f"{i['name']} on {i['node']} ({i['reason']})" for i in items[:_MAX_NAMED]]
    more = [f"{len(items) - _MAX_NAMED} more"] if len(items) > _MAX_NAMED else []
    return ", ".join([*texts, *more])


def _silent(nodes: list[Object]) -> Iterator[Finding]:
    for node in nodes:
        yield warn("leftovers", f"{node['node']} was not looked at: {node['message']}")

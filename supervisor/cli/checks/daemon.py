"""Checks of the daemon: kubeconfig, API, health of its parts, nodes, held pods."""

import socket
import stat
from collections.abc import Iterator

from supervisor.cli.checks.finding import CheckContext, Finding, fail, ok, warn
from supervisor.cli.explain import explain
from supervisor.cli.failure import Failure
from supervisor.kinds.identity import NAMESPACE
from supervisor.model.errors import ApiError

DAMAGE = "/apis/supervisor.io/v1/damage"
_PARTS = ("controllers", "store")


def run(context: CheckContext) -> Iterator[Finding]:
    yield _kubeconfig(context)
    answers = _api(context)
    yield answers
    if context.api_answers:
        yield _nodes(context)
        yield from _health(context)
        yield _held(context)
    else:
        yield _port(context)


def _kubeconfig(context: CheckContext) -> Finding:
    path = context.session.kubeconfig_path()
    if path is None or not path.exists():
        hint = "the daemon writes one when it starts"
        return warn("kubeconfig", "none found", hint)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        hint = f"it holds the token: chmod 600 {path}"
        return warn("kubeconfig", f"{path} has mode {mode:04o}", hint)
    return ok("kubeconfig", f"{path} (mode {mode:04o})")


def _api(context: CheckContext) -> Finding:
    try:
        client = context.session.client
        version = client.connection.json("GET", "/version")
        # Needs a valid token, which /version of some servers does not.
        client.list(NAMESPACE.resource, limit=1)
    except (ApiError, Failure) as error:
        text, hint = explain(error)
        if not hint or "doctor" in hint:
            hint = "start the daemon: `supervisor daemon`"
        return fail("api", text.removeprefix("error: "), hint)
    return ok("api", f"{version.get('gitVersion')} at {client.connection.server}")


def _nodes(context: CheckContext) -> Finding:
    try:
        nodes = context.session.client.list("nodes").items
    except ApiError as error:
        return fail("nodes", error.message)
    if not nodes:
        return fail("nodes", "none", "see the daemon's log")
    not_ready = [n["metadata"]["name"] for n in nodes if not _is_ready(n)]
    if not_ready:
        hint = f"`supervisor describe node {not_ready[0]}` shows the reason"
        return fail("nodes", f"not ready: {', '.join(not_ready)}", hint)
    return ok("nodes", f"{len(nodes)} ready")


def _health(context: CheckContext) -> Iterator[Finding]:
    """The parts that the daemon reports as unhealthy."""
    connection = context.session.client.connection
    for part in _PARTS:
        try:
            connection.text(f"/readyz/{part}")
        except ApiError as error:
            if error.code != 404:  # an older daemon
                yield fail(part, error.message.rpartition("server error: ")[2].strip())
    yield from _damaged(context)


def _damaged(context: CheckContext) -> Iterator[Finding]:
    try:
        found = context.session.client.connection.json("GET", DAMAGE)
    except ApiError:
        return
    for item in found["items"]:
        where = f"{item['namespace']}/{item['name']}".lstrip("/")
        hint = (
            f"delete it (`supervisor delete {item['resource']} {item['name']}"
            f"{' -n ' + item['namespace'] if item['namespace'] else ''}`), create it "
            "again, or restore a backup; its bytes are kept in the store"
        )
        yield fail("damage", f"{item['resource']} {where}: {item['cause']}", hint)


def _held(context: CheckContext) -> Finding:
    """Running pods that are missing from the store."""
    try:
        nodes = context.session.client.list("nodes").items
    except ApiError as error:
        return fail("store", error.message)
    for node in nodes:
        for condition in (node.get("status") or {}).get("conditions") or ():
            if condition.get("type") == "RemovalHeld" and condition["status"] == "True":
                name = node["metadata"]["name"]
                text = f"node {name}: {condition.get('message', '')}"
                return fail("held", text, "`supervisor adopt --dry-run` lists them")
    return ok("store", "contains every running pod")


def _is_ready(node: dict[str, object]) -> bool:
    status = node.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return any(
        c.get("type") == "Ready" and c.get("status") == "True" for c in conditions or ()
    )


def _port(context: CheckContext) -> Finding:
    """Whether the port is free; called if the API does not answer."""
    host, _, port = context.listen.rpartition(":")
    if not host or not port.isdigit():
        return fail("port", f"--listen {context.listen!r}: HOST:PORT expected")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            hint = "is it used by another program? choose another port with --listen"
            return fail("port", f"{context.listen}: {reason}", hint)
    return ok("port", f"{context.listen} is free")

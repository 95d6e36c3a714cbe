"""The daemon: its kubeconfig, whether it answers, whether its nodes are ready."""

import socket
import stat
from collections.abc import Iterator

from supervisor.cli.checks.finding import Finding, Patient, fail, ok, warn
from supervisor.cli.explain import explain
from supervisor.cli.failure import Failure
from supervisor.kinds.identity import NAMESPACE
from supervisor.model.errors import ApiError

DAMAGE = "/apis/supervisor.io/v1/damage"
_PARTS = ("controllers", "store")


def examine(patient: Patient) -> Iterator[Finding]:
    yield _kubeconfig(patient)
    answers = _api(patient)
    yield answers
    if patient.api_answers:
        yield _nodes(patient)
        yield from _health(patient)
        yield _held(patient)
    else:
        yield _port(patient)


def _kubeconfig(patient: Patient) -> Finding:
    path = patient.session.kubeconfig_path()
    if path is None or not path.exists():
        hint = "the daemon writes one when it starts"
        return warn("kubeconfig", "none found", hint)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        hint = f"it holds the token: chmod 600 {path}"
        return warn("kubeconfig", f"{path} has mode {mode:04o}", hint)
    return ok("kubeconfig", f"{path} (mode {mode:04o})")


def _api(patient: Patient) -> Finding:
    try:
        client = patient.session.client
        version = client.connection.json("GET", "/version")
        # Needs a valid token, which /version of some servers does not.
        client.list(NAMESPACE.resource, limit=1)
    except (ApiError, Failure) as error:
        text, hint = explain(error)
        if not hint or "doctor" in hint:
            hint = "start the daemon: `supervisor daemon`"
        return fail("api", text.removeprefix("error: "), hint)
    return ok("api", f"{version.get('gitVersion')} at {client.connection.server}")


def _nodes(patient: Patient) -> Finding:
    try:
        nodes = patient.session.client.list("nodes").items
    except ApiError as error:
        return fail("nodes", error.message)
    if not nodes:
        return fail("nodes", "none", "the daemon's log tells why its agent is missing")
    away = [n["metadata"]["name"] for n in nodes if not _is_ready(n)]
    if away:
        hint = f"`supervisor describe node {away[0]}` tells why"
        return fail("nodes", f"not ready: {', '.join(away)}", hint)
    return ok("nodes", f"{len(nodes)} ready")


def _health(patient: Patient) -> Iterator[Finding]:
    """Each part that the daemon says is not well."""
    connection = patient.session.client.connection
    for part in _PARTS:
        try:
            connection.text(f"/readyz/{part}")
        except ApiError as error:
            if error.code != 404:  # an older daemon
                yield fail(part, error.message.rpartition("server error: ")[2].strip())
    yield from _damaged(patient)


def _damaged(patient: Patient) -> Iterator[Finding]:
    try:
        found = patient.session.client.connection.json("GET", DAMAGE)
    except ApiError:
        return
    for item in found["items"]:
        where = f"{item['namespace']}/{item['name']}".lstrip("/")
        hint = (
            f"delete it (`supervisor delete {item['resource']} {item['name']}"
            f"{' -n ' + item['namespace'] if item['namespace'] else ''}`), create it "
            "anew, or restore a backup; its bytes are kept in the store"
        )
        yield fail("damage", f"{item['resource']} {where}: {item['cause']}", hint)


def _held(patient: Patient) -> Finding:
    """Pods that run and that the store does not know."""
    try:
        nodes = patient.session.client.list("nodes").items
    except ApiError as error:
        return fail("store", error.message)
    for node in nodes:
        for condition in (node.get("status") or {}).get("conditions") or ():
            if condition.get("type") == "RemovalHeld" and condition["status"] == "True":
                name = node["metadata"]["name"]
                text = f"node {name}: {condition.get('message', '')}"
                return fail("held", text, "`supervisor adopt --dry-run` lists them")
    return ok("store", "knows every pod that runs")


def _is_ready(node: dict[str, object]) -> bool:
    status = node.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return any(
        c.get("type") == "Ready" and c.get("status") == "True" for c in conditions or ()
    )


def _port(patient: Patient) -> Finding:
    """Nothing answers as our API: is the port at least to be had?"""
    host, _, port = patient.listen.rpartition(":")
    if not host or not port.isdigit():
        return fail("port", f"--listen {patient.listen!r}: HOST:PORT expected")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            hint = "another program has it? choose another with --listen"
            return fail("port", f"{patient.listen}: {reason}", hint)
    return ok("port", f"{patient.listen} is free")

"""The table of pods.

Rules for STATUS, in ascending precedence
- the phase, the pod's reason, SchedulingGated;
- the first init container that has not completed (`Init:…`);
- otherwise the reason of a container, the first in order;
- Terminating, or Unknown if the node is lost.

Follows printPod of pkg/printers/internalversion/printers.go.
"""

from dataclasses import dataclass
from typing import Any

from supervisor.kinds.columns import (
    AGE,
    NAME,
    NONE,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
    since,
)
from supervisor.model import times
from supervisor.model.meta import Object

_COLUMNS = (
    NAME,
    Column("Ready", "Number of ready containers of the pod."),
    Column("Status", "Summary of the state of the pod."),
    Column("Restarts", "Number of container restarts, and time of the last one."),
    AGE,
    Column("IP", "Address of the pod.", wide=True),
    Column("Node", "Node of the pod.", wide=True),
    Column(
        "Nominated Node", "Node on which other pods are preempted for it.", wide=True
    ),
    Column("Readiness Gates", "Number of true readiness gates.", wide=True),
)

_ROW_CONDITIONS = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


@dataclass
class _Restarts:
    count: int = 0
    last_at: str = ""

    def add(self, status: Object) -> None:
        self.count += int(status.get("restartCount") or 0)
        finished_at = get(status, "lastState.terminated.finishedAt", "")
        if finished_at and _later(finished_at, self.last_at):
            self.last_at = finished_at

    def text(self, now: float) -> str:
        if self.count and self.last_at:
            return f"{self.count} ({since(self.last_at, now)} ago)"
        return str(self.count)


def _later(instant: str, other: str) -> bool:
    try:
        return not other or times.to_seconds(instant) > times.to_seconds(other)
    except ValueError:
        return False


@dataclass
class _Summary:
    """The state of all containers of a pod."""

    reason: str
    restarts: _Restarts
    ready: int = 0


def _initial_reason(pod: Object) -> str:
    reason = get(pod, "status.reason") or get(pod, "status.phase", "")
    for condition in get(pod, "status.conditions", []):
        if condition.get("type") == "PodScheduled" and (
            condition.get("reason") == "SchedulingGated"
        ):
            return "SchedulingGated"
    return str(reason)


def _sidecars(pod: Object) -> set[str]:
    listed = get(pod, "spec.initContainers", [])
    return {c.get("name", "") for c in listed if c.get("restartPolicy") == "Always"}


def _summary(pod: Object) -> _Summary:
    sidecars = _sidecars(pod)
    summary = _Summary(_initial_reason(pod), _Restarts())
    sidecar_restarts = _Restarts()
    initializing = False
    statuses = get(pod, "status.initContainerStatuses", [])
    for place, status in enumerate(statuses):
        is_sidecar = status.get("name") in sidecars
        summary.restarts.add(status)
        if is_sidecar:
            sidecar_restarts.add(status)
        if get(status, "state.terminated.exitCode") == 0:
            continue
        if is_sidecar and status.get("started"):
            summary.ready += bool(status.get("ready"))
            continue
        progress = f"{place}/{len(get(pod, 'spec.initContainers', []))}"
        summary.reason = f"Init:{_init_reason(status) or progress}"
        initializing = True
        break
    if not initializing or _condition(pod, "Initialized"):
        # After initialization, restarts of init containers are not counted.
        summary.restarts = sidecar_restarts
        _summarize_containers(pod, summary)
    return summary


def _init_reason(status: Object) -> str:
    terminated = get(status, "state.terminated")
    if terminated is not None:
        return _termination_reason(terminated)
    reason = str(get(status, "state.waiting.reason", ""))
    return "" if reason == "PodInitializing" else reason


def _termination_reason(terminated: Object) -> str:
    """The reason of a termination, or else its signal or exit code."""
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _summarize_containers(pod: Object, summary: _Summary) -> None:
    running = False
    for status in reversed(get(pod, "status.containerStatuses", [])):
        summary.restarts.add(status)
        waiting = get(status, "state.waiting.reason", "")
        terminated = get(status, "state.terminated")
        if waiting:
            summary.reason = str(waiting)
        elif terminated is not None:
            summary.reason = _termination_reason(terminated)
        elif status.get("ready") and get(status, "state.running") is not None:
            running = True
            summary.ready += 1
    if summary.reason == "Completed" and running:
        summary.reason = "Running" if _condition(pod, "Ready") else "NotReady"


def _condition(pod: Object, kind: str) -> bool:
    conditions = get(pod, "status.conditions", [])
    return any(c.get("type") == kind and c.get("status") == "True" for c in conditions)


def _status(pod: Object, reason: str) -> str:
    if not get(pod, "metadata.deletionTimestamp"):
        return reason
    if get(pod, "status.reason") == "NodeLost":
        return "Unknown"
    finished = get(pod, "status.phase") in ("Succeeded", "Failed")
    return reason if finished else "Terminating"


def _readiness_gates(pod: Object) -> str:
    gates: list[Any] = get(pod, "spec.readinessGates", [])
    if not gates:
        return NONE
    true_gates = sum(_condition(pod, gate.get("conditionType", "")) for gate in gates)
    return f"{true_gates}/{len(gates)}"


def _ip(pod: Object) -> str:
    listed = get(pod, "status.podIPs", [])
    first = listed[0].get("ip") if listed else get(pod, "status.podIP")
    return str(first or NONE)


def _cells(pod: Object, now: float) -> list[Cell]:
    summary = _summary(pod)
    total = len(get(pod, "spec.containers", [])) + len(_sidecars(pod))
    return [
        name_of(pod),
        f"{summary.ready}/{total}",
        _status(pod, summary.reason),
        summary.restarts.text(now),
        age_of(pod, now),
        _ip(pod),
        get(pod, "spec.nodeName") or NONE,
        get(pod, "status.nominatedNodeName") or NONE,
        _readiness_gates(pod),
    ]


def _conditions(pod: Object) -> list[Object]:
    """Row conditions, by which kubectl identifies finished pods."""
    phase = get(pod, "status.phase", "")
    if phase not in _ROW_CONDITIONS:
        return []
    message = _ROW_CONDITIONS[phase]
    done = {"type": "Completed", "status": "True", "reason": phase, "message": message}
    return [done]


PRINTER = Printer(_COLUMNS, _cells, _conditions)

"""NodeMetrics and PodMetrics: CPU and memory in use, as `kubectl top` shows them.

Follows k8s.io/metrics and pkg/api/table.go of kubernetes-sigs/metrics-server.
"""

from collections.abc import Iterable, Mapping

from supervisor.kinds.base import Computed
from supervisor.kinds.columns import NAME, Cell, Column, Printer, get, name_of
from supervisor.kinds.identity import NODE_METRICS, POD_METRICS
from supervisor.model import quantities, times
from supervisor.model.meta import Object
from supervisor.model.usage import Usage

_KEPT = ("name", "namespace", "labels", "creationTimestamp")
_COLUMNS = (
    NAME,
    Column("cpu", "CPU in use."),
    Column("memory", "Memory in use."),
    Column("Window", "Length of the window in which usage was measured."),
)


def of_node(node: Object, usage: Usage, now: float) -> Object:
    """The NodeMetrics of a Node."""
    head = _head(NODE_METRICS.head, node, now, usage.window_seconds)
    return head | {"usage": _amounts(usage)}


def of_pod(pod: Object, usage: Mapping[str, Usage], now: float) -> Object:
    """The PodMetrics of a Pod, from the usage of its containers (at least one)."""
    window = max(one.window_seconds for one in usage.values())
    containers = [
        {"name": name, "usage": _amounts(one)} for name, one in sorted(usage.items())
    ]
    return _head(POD_METRICS.head, pod, now, window) | {"containers": containers}


def _head(head: Mapping[str, str], source: Object, now: float, window: float) -> Object:
    found = source["metadata"]
    return {
        **head,
        "metadata": {key: found[key] for key in _KEPT if key in found},
        "timestamp": times.to_text(now),
        "window": f"{window:.3f}s",
    }


def _amounts(usage: Usage) -> Object:
    return {
        "cpu": f"{round(usage.cpu_cores * 1e9)}n",
        "memory": f"{usage.memory_bytes >> 10}Ki",
    }


def _node_cells(metrics: Object, _now: float) -> list[Cell]:
    return _cells(metrics, [get(metrics, "usage", {})])


def _pod_cells(metrics: Object, _now: float) -> list[Cell]:
    return _cells(metrics, [c["usage"] for c in get(metrics, "containers", [])])


def _cells(metrics: Object, amounts: Iterable[Mapping[str, str]]) -> list[Cell]:
    parts = list(amounts)
    totals = [
        quantities.add(*(part[name] for part in parts)) for name in ("cpu", "memory")
    ]
    return [name_of(metrics), *totals, get(metrics, "window", "")]


NODES = Computed(identity=NODE_METRICS, columns=Printer(_COLUMNS, _node_cells))
PODS = Computed(identity=POD_METRICS, columns=Printer(_COLUMNS, _pod_cells))

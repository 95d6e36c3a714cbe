"""CPU and memory that the containers of pods use, measured when somebody asks.

Follows pkg/kubelet/server/stats (the resource metrics of the summary).
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from supervisor.model.usage import Usage
from supervisor.runtime.base import NotFound, ObservedPod, Runtime, State

_MAX_PARALLEL = 64
"""A measurement takes two seconds, in which it only waits."""


def of_pods(runtime: Runtime, uids: Iterable[str]) -> dict[str, dict[str, Usage]]:
    """Usage by pod uid and container name.

    Pods without running containers are missing. Raises EngineUnavailable and
    EngineRefused.
    """
    pods = runtime.pods()
    running = [
        (uid, name, container_id)
        for uid in dict.fromkeys(uids)
        if uid in pods
        for name, container_id in _running(pods[uid]).items()
    ]
    if not running:
        return {}
    with ThreadPoolExecutor(min(len(running), _MAX_PARALLEL), "usage") as pool:
        measured = pool.map(lambda one: _measured(runtime, one[2]), running)
        found: dict[str, dict[str, Usage]] = {}
        for (uid, name, _), usage in zip(running, measured, strict=True):
            if usage is not None:
                found.setdefault(uid, {})[name] = usage
        return found


def _running(pod: ObservedPod) -> Mapping[str, str]:
    """Ids of running containers by name."""
    return {c.name: c.id for c in pod.containers if c.state is State.RUNNING}


def _measured(runtime: Runtime, container_id: str) -> Usage | None:
    try:
        return runtime.container_usage(container_id)
    except NotFound:
        return None  # it has just ended

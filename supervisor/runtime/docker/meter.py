"""The meter part of the contract.

Rules
- A container's usage is what `docker stats` shows: two samples, about a second apart.
- The machine's usage is not in Docker's API. Its /proc/stat and /proc/meminfo are read
  by the pause program in the container of the claim, which runs on each of our engines.

Follows the working set of cAdvisor and of docker/cli
(cli/command/container/stats_helpers.go).
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from supervisor.model import times
from supervisor.model.usage import Usage, between
from supervisor.runtime.base import EngineRefused, NotFound
from supervisor.runtime.docker.claims import claim_name
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.images.pause import PauseImage
from supervisor.runtime.docker.streams import exec
from supervisor.runtime.docker.streams.reaper import Reaper

Json = Mapping[str, Any]

_COMMAND = ("/pause", "print", "/proc/stat", "/proc/meminfo")
_WINDOW_SECONDS = 1.0
_TIMEOUT_SECONDS = 10.0
_MAX_BYTES = 1 << 20
_NEVER = threading.Event()
_TICKS = 100.0
"""Units of /proc/stat in a second: USER_HZ, the same on all of our architectures."""


class DockerMeter:
    """Satisfies Meter. `wait` sleeps for some seconds."""

    def __init__(
        self,
        client: EngineClient,
        pause: PauseImage,
        reaper: Reaper,
        cluster: str,
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = _NEVER.wait,
    ) -> None:
        self._client = client
        self._pause = pause
        self._reaper = reaper
        self._claim = claim_name(cluster)
        self._now = now
        self._wait = wait

    def container_usage(self, container_id: str) -> Usage:
        with translated():
            found: Json = self._client.api.stats(container_id, stream=False)
            return container_usage(found)

    def machine_usage(self) -> Usage:
        measurer = self._measurer()
        first, begun = self._read(measurer), self._now()
        self._wait(_WINDOW_SECONDS)
        second, ended = self._read(measurer), self._now()
        spent = second.cpu_seconds - first.cpu_seconds
        return between(spent, second.memory_bytes, ended - begun)

    def _measurer(self) -> str:
        """Id of the claim's container. An older pause program cannot print."""
        with translated():
            found: Json = self._client.api.inspect_container(self._claim)
        if found["Config"]["Image"] != self._pause.name():
            raise NotFound("the claim's container is of an earlier version")
        return str(found["Id"])

    def _read(self, container_id: str) -> "Machine":
        result = exec.run(
            self._client,
            self._reaper,
            container_id,
            _COMMAND,
            timeout=_TIMEOUT_SECONDS,
            limit=_MAX_BYTES,
        )
        if result.exit_code != 0:
            raise EngineRefused("the usage of the machine cannot be read")
        return machine(result.output.decode(errors="replace"))


def container_usage(stats: Json) -> Usage:
    """Usage from an answer of `/containers/ID/stats`. Raises NotFound if it is not
    running."""
    memory = stats.get("memory_stats") or {}
    if "usage" not in memory:
        raise NotFound("the container is not running")
    ended, begun = (times.to_seconds(stats[key]) for key in ("read", "preread"))
    spent = _cpu_nanoseconds(stats["cpu_stats"]) - _cpu_nanoseconds(
        stats["precpu_stats"]
    )
    details = memory.get("stats") or {}
    # The first is of cgroup v1, the second of v2.
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return between(spent / 1e9, memory["usage"] - cache, ended - begun)


def _cpu_nanoseconds(stats: Json) -> int:
    return int(stats["cpu_usage"]["total_usage"])


@dataclass(frozen=True)
class Machine:
    cpu_seconds: float
    """CPU time of all processors since the start, without idle time."""
    memory_bytes: int


def machine(text: str) -> Machine:
    """Parse /proc/stat followed by /proc/meminfo. Raises EngineRefused."""
    rows = {
        row[0].rstrip(":"): row[1:] for row in map(str.split, text.splitlines()) if row
    }
    try:
        user, nice, system, _idle, _iowait, irq, softirq, *rest = map(int, rows["cpu"])
        steal = rest[0] if rest else 0
        total, free = (int(rows[key][0]) for key in ("MemTotal", "MemAvailable"))
    except (KeyError, ValueError, IndexError) as error:
        raise EngineRefused(f"unknown format of /proc: {error}") from error
    busy = user + nice + system + irq + softirq + steal
    return Machine(busy / _TICKS, (total - free) * 1024)

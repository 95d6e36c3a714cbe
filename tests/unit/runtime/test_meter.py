"""Usage from Docker's stats, and from the files of /proc."""

from typing import Any

import pytest

from supervisor.model.usage import Usage, between
from supervisor.runtime.base import EngineRefused, NotFound
from supervisor.runtime.docker.meter import Machine, container_usage, machine

PROC = """\
cpu  100 20 30 4000 50 6 4 10 7 8
cpu0 100 20 30 4000 50 6 4 10 7 8
btime 1700000000

MemTotal:        2048 kB
MemFree:          512 kB
MemAvailable:    1024 kB
"""


def stats(**memory: Any) -> dict[str, Any]:
    return {
        "preread": "2026-01-01T00:00:00Z",
        "read": "2026-01-01T00:00:02Z",
        "precpu_stats": {"cpu_usage": {"total_usage": 1_000_000_000}},
        "cpu_stats": {"cpu_usage": {"total_usage": 2_000_000_000}},
        "memory_stats": memory,
    }


@pytest.mark.parametrize(
    "details",
    [{"total_inactive_file": 30, "inactive_file": 7}, {"inactive_file": 30}],
    ids=["cgroup v1", "cgroup v2"],
)
def test_memory_is_counted_without_inactive_file_caches(details: Any) -> None:
    """CPU is the average between the two samples."""
    assert container_usage(stats(usage=100, stats=details)) == Usage(0.5, 70, 2.0)


def test_a_container_that_has_ended_has_no_usage() -> None:
    """Docker answers with empty statistics."""
    with pytest.raises(NotFound):
        container_usage(stats())


def test_usage_of_a_machine_leaves_idle_time_out() -> None:
    """Guest time is a part of user time; memory is what is not available."""
    assert machine(PROC) == Machine(1.7, 1024 * 1024)


@pytest.mark.parametrize("text", ["", "cpu 1 2\n", PROC.replace("MemAvailable", "M")])
def test_unknown_files_are_refused(text: str) -> None:
    """The reason says that it is the format."""
    with pytest.raises(EngineRefused, match="unknown format"):
        machine(text)


def test_usage_is_never_negative() -> None:
    """Counters may go back, and so may clocks."""
    assert between(-1.0, -1, 1.0) == Usage(0.0, 0, 1.0)
    assert between(1.0, 1, -1.0) == Usage(0.0, 1, 0.0)

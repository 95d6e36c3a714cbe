"""CPU and memory in use, by a container or a machine. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    cpu_cores: float
    """Average over the window."""
    memory_bytes: int
    """The working set: without file caches that can be dropped."""
    window_seconds: float


def between(cpu_seconds: float, memory_bytes: int, window_seconds: float) -> Usage:
    """Usage from the CPU time that was consumed in a window.

    Counters may go back slightly, and clocks too; usage is never negative.
    """
    cores = cpu_seconds / window_seconds if window_seconds > 0 else 0.0
    return Usage(max(cores, 0.0), max(memory_bytes, 0), max(window_seconds, 0.0))

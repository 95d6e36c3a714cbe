"""What the daemon costs with 20 hosts, each of which is a real engine of its own."""

from pathlib import Path

from benchmarks.ours import Ours
from benchmarks.report import Figure
from benchmarks.rival import Engines
from benchmarks.spread import cost
from tests.lab import Lab

NODES = 20
REPLICAS = 40
_SECONDS = 300


def measure(lab: Lab, folder: Path, idle_seconds: float = 30) -> list[Figure]:
    engines = Engines(lab)
    ours = Ours(lab, engines, folder)
    try:
        ours.open()
        empty = cost(ours, idle_seconds)
        ours.scale(REPLICAS)
        engines.wait_running(ours.labels(), REPLICAS, lab.numbers(), _SECONDS)
        full = cost(ours, idle_seconds)
    finally:
        ours.close()
        engines.close()
    named = [Figure(f"{f.name}, {REPLICAS} pods", f.values, f.unit) for f in full]
    return [*empty, *named]

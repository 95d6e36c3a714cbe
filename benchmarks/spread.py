"""0 → 90 replicas over three hosts, how evenly they are spread, and what it costs."""

import time
from pathlib import Path

from benchmarks import raw
from benchmarks.ours import Ours
from benchmarks.processes import cpu_seconds, rss_bytes
from benchmarks.report import Figure, ratio
from benchmarks.rival import Engines, Rival
from benchmarks.swarm import Swarm
from tests.lab import Lab

REPLICAS = 90
_SECONDS = 300
_CALM_SECONDS = 5


def measure(lab: Lab, folder: Path, idle_seconds: float = 20) -> list[Figure]:
    engines = Engines(lab)
    try:
        floor = Figure(
            f"{REPLICAS} pods by raw calls", [raw.seconds(lab, engines, REPLICAS)], "s"
        )
        ours = Ours(lab, engines, folder)
        try:
            first = _scale_up(lab, engines, ours)
            daemon = cost(ours, idle_seconds)
        finally:
            ours.close()
        swarm = Swarm(lab, engines)
        try:
            second = _scale_up(lab, engines, swarm)
        finally:
            swarm.close()
    finally:
        engines.close()
    compared = ratio("0 → 90 replicas, ours / Swarm", first[0], second[0])
    to_floor = ratio("0 → 90 replicas, ours / raw calls", first[0], floor)
    return [floor, *first, *second, to_floor, compared, *daemon]


def _scale_up(lab: Lab, engines: Engines, rival: Rival) -> list[Figure]:
    rival.open()
    rival.scale(0)
    begin = time.monotonic()
    rival.scale(REPLICAS)
    found = engines.wait_running(rival.labels(), REPLICAS, lab.numbers(), _SECONDS)
    seconds = time.monotonic() - begin
    difference = max(found.values()) - min(found.values())
    return [
        Figure(
            f"0 → {REPLICAS} replicas on {len(found)} hosts, {rival.name}",
            [seconds],
            "s",
        ),
        Figure(f"largest difference between hosts, {rival.name}", [difference], ""),
    ]


def cost(ours: Ours, seconds: float) -> list[Figure]:
    """Memory and CPU of the daemon, once nothing happens any more."""
    time.sleep(_CALM_SECONDS)
    pid, nodes = ours.daemon.process.pid, ours.nodes
    used = cpu_seconds(pid)
    time.sleep(seconds)
    used = cpu_seconds(pid) - used
    memory = rss_bytes(pid) / 2**20
    return [
        Figure(f"daemon's memory (RSS), {nodes} nodes", [memory], "MiB"),
        Figure(f"daemon's CPU, {nodes} nodes", [100 * used / seconds], "% of a core"),
    ]

"""A host falls silent: how long until all replicas run on the others.

Each round gives every rival in turn the same three engines, lets it run replicas, cuts
the power of a host that is nobody's manager, and looks at the engines that are left.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ours import FAST, Ours
from benchmarks.report import Figure, ratio
from benchmarks.rival import Engines, Rival
from benchmarks.swarm import Swarm
from tests.lab import Lab

REPLICAS = 6
_LOST = (3, 2)
"""Which node falls silent, round by round; never the manager of the swarm."""
_START_SECONDS = 120
_FAILOVER_SECONDS = 120
_SETTLE = (3.0, 6.0)
"""Seconds at random, so that the loss falls anywhere between two heartbeats."""


def measure(lab: Lab, folder: Path, rounds: int = 3) -> list[Figure]:
    taken: dict[str, list[float]] = {}
    for number in range(rounds):
        lost, settle = _LOST[number % len(_LOST)], random.uniform(*_SETTLE)
        with _engines(lab) as engines:
            for rival in _rivals(lab, engines, folder / str(number)):
                seconds = _round(lab, engines, rival, lost, settle)
                taken.setdefault(rival.name, []).append(seconds)
                lab.restore()
    return _figures(taken)


def _rivals(lab: Lab, engines: Engines, folder: Path) -> list[Rival]:
    return [
        Ours(lab, engines, folder / "default"),
        Ours(lab, engines, folder / "fast", FAST),
        Swarm(lab, engines),
    ]


def _round(lab: Lab, engines: Engines, rival: Rival, lost: int, settle: float) -> float:
    """Seconds from the loss until as many replicas as before run elsewhere."""
    everywhere = lab.numbers()
    left = [number for number in everywhere if number != lost]
    try:
        rival.open()
        rival.scale(REPLICAS)
        engines.wait_running(rival.labels(), REPLICAS, everywhere, _START_SECONDS)
        time.sleep(settle)
        begin = time.monotonic()
        lab.kill(lost)
        engines.wait_running(rival.labels(), REPLICAS, left, _FAILOVER_SECONDS)
        return time.monotonic() - begin
    finally:
        lab.start(lost)
        rival.close()


@contextmanager
def _engines(lab: Lab) -> Iterator[Engines]:
    made = Engines(lab)
    try:
        yield made
    finally:
        made.close()


def _figures(taken: dict[str, list[float]]) -> list[Figure]:
    figures = [
        Figure(f"lost host → elsewhere, {name}", values, "s")
        for name, values in taken.items()
    ]
    *ours, swarm = figures
    names = list(taken)
    ratios = [
        ratio(f"{name} / Swarm", figure, swarm)
        for name, figure in zip(names, ours, strict=False)
    ]
    return [*figures, *ratios]

"""`python -m benchmarks [NAME …]`: run the named ones, or all."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import api, failover, idle, nodes, recovery, spread
from benchmarks.report import Figure
from benchmarks.rival import IMAGE
from tests.daemon import Daemon, running
from tests.lab import Lab, borrowed

_DISK_MIB = 2048
"""In memory, for each host, as much of it as is written."""

_ON_THIS_ENGINE: dict[str, Callable[[Daemon], list[Figure]]] = {
    "recovery": recovery.measure,
    "idle": idle.measure,
    "api": api.measure,
}
_ON_A_LAB: dict[str, tuple[Callable[[Lab, Path], list[Figure]], int]] = {
    "failover": (failover.measure, 3),
    "spread": (spread.measure, 3),
    "nodes": (nodes.measure, nodes.NODES),
}
"""With how many hosts."""
_ALL = [*_ON_THIS_ENGINE, *_ON_A_LAB]


def main(names: list[str]) -> int:
    unknown = [n for n in names if n not in _ALL]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(_ALL)}")
        return 2
    for name in names or _ALL:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        print(f"{name} (load average {load}):", flush=True)
        # Not a long name: that of a socket in it must be short.
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for figure in _figures(name, Path(folder)):
                print(f"  {figure}", flush=True)
    return 0


def _figures(name: str, folder: Path) -> list[Figure]:
    if name in _ON_THIS_ENGINE:
        with running(folder) as daemon:
            return _ON_THIS_ENGINE[name](daemon)
    measure, hosts = _ON_A_LAB[name]
    with borrowed(folder / "lab", hosts, memory_disk=_DISK_MIB) as lab:
        lab.load(IMAGE)
        return measure(lab, folder / "ours")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

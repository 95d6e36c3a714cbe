"""CPU seconds and memory of processes, as the kernel accounts for them."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int, *, children: bool = False) -> float:
    """User and system time of `pid`; with those of its ended children if wanted."""
    text = Path(f"/proc/{pid}/stat").read_text()
    fields = text.rpartition(")")[2].split()
    last = 15 if children else 13
    return sum(int(f) for f in fields[11:last]) / _TICKS


def rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def named(*names: str) -> list[int]:
    """Process ids whose command name starts with one of `names`."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "comm").read_text().strip()
        except OSError:
            continue
        if command.startswith(names):
            found.append(int(folder.name))
    return found


def engine_cpu_seconds() -> float:
    """Of the engine, its container daemon, their shims and all that these ran."""
    total = 0.0
    for pid in named("dockerd", "containerd"):
        try:
            total += cpu_seconds(pid, children=True)
        except OSError:
            continue
    return total

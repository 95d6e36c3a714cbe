"""What of this machine a lab could harm, as values to compare."""

from dataclasses import dataclass
from pathlib import Path

#: What the installation writes.
_INSTALLED = (
    "/opt/supervisor",
    "/etc/supervisor",
    "/var/lib/supervisor",
    "/usr/local/bin/supervisor",
    "/etc/systemd/system",
    "/etc/systemd/system/supervisor.service",
    "/etc/systemd/system/multi-user.target.wants",
)
_TUNED = (
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/pid_max",
    "/proc/sys/fs/file-max",
    "/proc/sys/fs/nr_open",
    "/proc/sys/net/unix/max_dgram_qlen",
)
_ENGINE = ("docker", "nsfs", "containerd")
_LAB = "supervisor-lab-"
_OTHERS = (*_ENGINE, _LAB)


@dataclass(frozen=True)
class Machine:
    files: tuple[tuple[str, float], ...]
    mounts: tuple[str, ...]
    groups: tuple[str, ...]
    tuning: tuple[str, ...]


def observed() -> Machine:
    """As it is now, without what the engine mounts and groups: that comes and goes.

    And without labs: one that was killed leaves a group, which the next one removes.
    """
    return Machine(
        files=tuple((p, _changed_at(Path(p))) for p in _INSTALLED),
        mounts=_lines(Path("/proc/self/mounts")),
        groups=tuple(g for g in _groups() if not any(e in g for e in _OTHERS)),
        tuning=tuple(Path(p).read_text() for p in _TUNED if Path(p).exists()),
    )


def lab_groups() -> list[str]:
    return [g for g in _groups() if _LAB in g]


def _changed_at(path: Path) -> float:
    return path.lstat().st_ctime if path.is_symlink() or path.exists() else 0.0


def _lines(path: Path) -> tuple[str, ...]:
    lines = path.read_text().splitlines()
    return tuple(line for line in lines if not any(e in line for e in _ENGINE))


def _groups() -> list[str]:
    """Control groups at the top of each hierarchy, where a lab makes its own."""
    base = Path("/sys/fs/cgroup")
    return sorted(str(p) for p in (*base.glob("*/"), *base.glob("*/*/")))

"""Kill a process inside a container of an engine on this machine.

Rules
- A process is killed only if its cgroup proves that it is in that container: the engine
  may be in another PID namespace, and a PID may have been reused.
- Without permission to read /proc or to signal, nothing happens.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def kill_in_container(pid: int, container_id: str) -> bool:
    """SIGKILL a process and its descendants; return whether the process itself was
    killed."""
    killed = set[int]()
    for victim in [pid, *_descendants(pid)]:
        try:
            handle = os.pidfd_open(victim)
        except OSError:
            continue  # ended already
        try:
            # The handle refers to this process even if its PID is reused.
            if container_id in (_PROC / str(victim) / "cgroup").read_text():
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                killed.add(victim)
        except OSError:
            continue
        finally:
            os.close(handle)
    return pid in killed


def _descendants(pid: int) -> Iterator[int]:
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        children = " ".join((task / "children").read_text() for task in tasks)
    except OSError:
        return
    for child in map(int, children.split()):
        yield child
        yield from _descendants(child)

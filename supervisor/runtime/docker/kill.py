"""Killing a process inside a container of an engine on this machine.

Rules
- Nothing is killed that is not proven to be in that container: the engine may have
  processes of its own numbering, and a number may have been given to another process.
- Without the right to look or to kill, nothing happens.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def kill_in_container(pid: int, container_id: str) -> bool:
    """SIGKILL a process and all that descends from it; whether the process was there
    and could be killed."""
    killed = set[int]()
    for victim in [pid, *_descendants(pid)]:
        try:
            handle = os.pidfd_open(victim)
        except OSError:
            continue  # ended already
        try:
            # The handle keeps naming the process that is looked at here.
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

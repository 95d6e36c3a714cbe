"""Tell systemd that the daemon is ready, alive, or stopping.

Nothing happens where systemd does not ask for it ($NOTIFY_SOCKET is unset).
Follows sd_notify(3) and sd_watchdog_enabled(3).
"""

import os
import socket


def notify(state: str) -> None:
    """Send `state`, such as `READY=1`, one assignment a line.

    Failures are ignored, as sd_notify advises.
    """
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        try:
            sock.sendto(state.encode(), address)
        except OSError:
            return


def watchdog_seconds() -> float | None:
    """The longest silence systemd bears between two `WATCHDOG=1`; None for any."""
    wanted = os.environ.get("WATCHDOG_USEC", "")
    of_process = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not wanted.isdecimal() or of_process != str(os.getpid()):
        return None
    return int(wanted) / 1_000_000 or None

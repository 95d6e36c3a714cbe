"""Execute a program that is terminated when its parent process ends, however it ends.

Run as a script with the parent's PID and the command as arguments. The kernel sends the
signal when the *thread* that started us ends, so that thread has to stay alive. Imports
nothing of the project and little else, since it only prepares an exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(starter: int, command: list[str]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != starter:
        sys.exit("the parent process has ended")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

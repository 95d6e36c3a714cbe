"""Become a program that ends when the process that started it does, however it ends.

Run as a script, with the starter's process id and the command as arguments. The kernel
sends the signal when the *thread* that started us ends, so that one has to live on.
It imports nothing of the project and little else: it only stands before an exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(starter: int, command: list[str]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != starter:
        sys.exit("the process that wanted this is gone")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

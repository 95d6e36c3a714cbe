"""What a node keeps when its power fails: its folder, and the disk in it.

The disk is a part of this machine's, or memory of a given size. Only one of memory can
be filled: it is made as small as what is in it, so that nothing is written and neither
this machine's disk nor its memory runs out.
"""

import os
import shutil
from pathlib import Path

from tests.lab.commands import LabError, run

_TRIES = 50
_MIB = 1 << 20
_LAYERED = "overlay"


class Disk:
    def __init__(self, folder: Path, mebibytes: int) -> None:
        self.path = folder / "data"
        self._folder = folder
        self._mebibytes = mebibytes
        """0: a part of this machine's disk."""

    def attach(self) -> None:
        for folder in (self.path, self._folder / "etc"):
            folder.mkdir(parents=True, exist_ok=True)
        if self._mebibytes and not self.path.is_mount():
            size = f"size={self._mebibytes}m"
            run("mount", "-t", "tmpfs", "-o", size, "lab", str(self.path))
        self._refuse_layers()

    def _refuse_layers(self) -> None:
        """On overlayfs Docker would quietly copy whole images for each container."""
        kind = run("stat", "-f", "-c", "%T", str(self.path)).strip()
        if kind.startswith(_LAYERED):
            raise LabError(
                f"{self._folder} is on {kind}, on which Docker cannot keep layers: "
                "choose another folder, or disks in memory"
            )

    def fill(self) -> None:
        """Leave no room; what is there stays, and can be deleted."""
        if not self._mebibytes:
            raise LabError(
                f"{self.path} is a part of this machine's disk, which is never filled: "
                "make the lab with disks in memory"
            )
        for _ in range(_TRIES):
            found = os.statvfs(self.path)
            used = (found.f_blocks - found.f_bfree) * found.f_frsize
            if self._resize(f"{max(used, found.f_frsize)}"):
                return
        raise LabError(f"{self.path} grew faster than it could be limited")

    def empty(self) -> None:
        """Give it back the room that `fill` took."""
        if self._mebibytes and self.path.is_mount():
            run("mount", "-o", f"remount,size={self._mebibytes}m", str(self.path))

    def is_full(self) -> bool:
        if not self._mebibytes or not self.path.is_mount():
            return False
        found = os.statvfs(self.path)
        return found.f_blocks * found.f_frsize < self._mebibytes * _MIB

    def _resize(self, size: str) -> bool:
        try:
            run("mount", "-o", f"remount,size={size}", str(self.path))
        except LabError:  # it has grown meanwhile
            return False
        return True

    def remove(self) -> None:
        """The disk and all that the node ever was."""
        if self.path.is_mount():
            run("umount", "-l", str(self.path))
        shutil.rmtree(self._folder, ignore_errors=True)

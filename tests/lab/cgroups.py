"""The control groups of one node: version 1's several trees, or version 2's one.

All processes of the node are below `<tag>/node<number>`: dockerd and its own below
`daemon`, each container beside it, since dockerd is given the group as parent.

A group of version 2 that has processes cannot have children with controllers, so
nothing is ever put into the node's group itself.
"""

import os
import shlex
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.lab.commands import LabError, wait

ROOT = Path("/sys/fs/cgroup")
_CONTROLLERS = ("cpu", "cpuset", "io", "memory", "pids")
_PERIOD_MICROSECONDS = 100_000


class Groups:
    def __init__(self, tag: str, node: str, root: Path = ROOT) -> None:
        self.parent = f"/{tag}/{node}"
        """As dockerd is told."""
        self._root = root
        self._below = Path(tag) / node
        self._is_v2 = _is_v2(root)

    def _groups(self) -> list[Path]:
        return [top / self._below for top in _tops(self._root)]

    def _tree(self, controller: str) -> Path:
        """The node's group where the controller is."""
        top = self._root if self._is_v2 else self._root / controller
        return top / self._below

    # -- membership
    def entering(self, argv: Sequence[str]) -> list[str]:
        """A command that joins the node's groups and becomes `argv`."""
        leaves = [group / "daemon" for group in self._groups()]
        if not self._is_v2:  # a new cpuset has no processors and takes no process
            leaves = [leaf for leaf in leaves if leaf.parents[2].name != "cpuset"]
        for leaf in leaves:
            leaf.mkdir(parents=True, exist_ok=True)
        if self._is_v2:
            self._delegate()
        joins = (f"echo $$ >{shlex.quote(str(leaf))}/cgroup.procs" for leaf in leaves)
        return ["sh", "-ec", "; ".join((*joins, 'exec "$@"')), "sh", *argv]

    def _delegate(self) -> None:
        """Let groups below the node's have controllers, as far as the kernel does."""
        group = self._root / self._below
        for above in (self._root, group.parent, group):
            for controller in _CONTROLLERS:
                with suppress(OSError):
                    (above / "cgroup.subtree_control").write_text(f"+{controller}")

    def engine_processes(self) -> list[int]:
        """All in `daemon`, as this machine counts."""
        return self._processes("daemon/cgroup.procs")

    def _processes(self, pattern: str) -> list[int]:
        found: list[int] = []
        for file in self._tree("memory").glob(pattern):
            with suppress(OSError):
                found += [int(line) for line in file.read_text().split()]
        return found

    # -- effects
    def freeze(self) -> None:
        self._freezer.write_text("1" if self._is_v2 else "FROZEN")
        wait(self._stands_still, 10, f"everything in {self.parent} stands still")

    def _stands_still(self) -> bool:
        if self._is_v2:
            return "frozen 1" in self._freezer.with_name("cgroup.events").read_text()
        return self._freezer.read_text().strip() == "FROZEN"

    def thaw(self) -> None:
        if self._freezer.exists():
            self._freezer.write_text("0" if self._is_v2 else "THAWED")

    def is_frozen(self) -> bool:
        try:
            return self._freezer.read_text().strip() in ("1", "FROZEN", "FREEZING")
        except OSError:
            return False

    @property
    def _freezer(self) -> Path:
        group = self._tree("freezer")
        return group / ("cgroup.freeze" if self._is_v2 else "freezer.state")

    def throttle(self, processors: float | None) -> None:
        """Give the node so much of a processor; all there are with None."""
        group, period = self._tree("cpu"), _PERIOD_MICROSECONDS
        if self._is_v2:
            quota = "max" if processors is None else str(int(processors * period))
            file, text = group / "cpu.max", f"{quota} {period}"
        else:
            quota = "-1" if processors is None else str(int(processors * period))
            file, text = group / "cpu.cfs_quota_us", quota
        if file.exists():
            file.write_text(text)
        elif processors is not None:
            raise LabError(f"this machine cannot throttle: there is no {file}")

    def kill(self) -> None:
        """Every process in the groups, wherever it is by now."""
        for pid in self._processes("**/cgroup.procs"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # -- state
    def memory_bytes(self) -> int:
        name = "memory.current" if self._is_v2 else "memory.usage_in_bytes"
        try:
            return int((self._tree("memory") / name).read_text())
        except OSError:
            return 0

    def containers(self) -> int:
        """How many containers run."""
        try:
            inner = list(self._tree("memory").iterdir())
        except OSError:
            return 0
        return sum(g.is_dir() and g.name != "daemon" for g in inner)

    def remove(self) -> None:
        """Wait for the last process to be gone, and remove the groups."""
        wait(self._removed, 10, f"the control groups of {self.parent} are empty")

    def _removed(self) -> bool:
        for group in self._groups():
            for folder, _, _ in os.walk(group, topdown=False):
                with suppress(OSError):  # a process in it is still dying
                    os.rmdir(folder)
        return not any(group.exists() for group in self._groups())


def tags(root: Path = ROOT) -> set[str]:
    """Of all labs that have control groups."""
    return {found.name for top in _tops(root) for found in top.glob("lab-*")}


def remove_lab(tag: str, root: Path = ROOT) -> None:
    """Kill whatever is left in the groups of a lab, and remove them."""
    groups = [top / tag for top in _tops(root)]

    def is_removed() -> bool:
        for group in groups:
            for folder, _, _ in os.walk(group, topdown=False):
                _end(Path(folder))
        return not any(group.exists() for group in groups)

    wait(is_removed, 10, f"the control groups of {tag} are empty")


def _end(group: Path) -> None:
    """Kill its processes and remove it, as soon as they are gone."""
    for name, text in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
        if (group / name).exists():  # what is frozen does not die
            (group / name).write_text(text)
    with suppress(OSError):
        for line in (group / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)
    with suppress(OSError):  # a process in it is still dying
        group.rmdir()


def _tops(root: Path) -> list[Path]:
    if _is_v2(root):
        return [root]
    # Some are two names of one tree, some folders have none mounted.
    trees = (t for t in root.iterdir() if (t / "cgroup.procs").exists())
    return sorted({tree.resolve() for tree in trees})


def _is_v2(root: Path) -> bool:
    return (root / "cgroup.controllers").exists()

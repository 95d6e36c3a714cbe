"""A lab: several real Docker hosts on one machine, and all that can befall them.

Each node is a set of namespaces with this machine's own dockerd in it and a disk, an
address, a firewall and an engine identity of its own; no image and no registry is
needed, and the machine's own engine is not touched. Three nodes are there in a second.

Rules
- What a lab makes bears its own names only, and `down` leaves nothing of it.
- A lab that belongs to a process is taken down by whoever makes the next one, if that
  process died without doing so.
- Two labs with different folders and networks know nothing of each other.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lab import cgroups, images, settings
from tests.lab.certificates import Authority, Flaw
from tests.lab.commands import LabError, require, run
from tests.lab.endpoint import Endpoint
from tests.lab.names import MACHINE, MAX_NODES, Names
from tests.lab.node import Node, Status
from tests.lab.records import Record, Records, taken, this_process
from tests.lab.relay import Relay
from tests.lab.settings import Settings
from tests.lab.switch import Switch
from tests.lab.traffic import Way

_TAG = re.compile(r"lab-\d{1,3}-\d{1,3}")
_NETWORKS = tuple(f"10.{number}" for number in range(88, 120))


class Lab:
    """Nodes are called by their numbers, from 1. Verbs return the lab itself."""

    def __init__(
        self,
        folder: Path | str = ".work/lab",
        network: str = "10.88",
        *,
        owned: bool = False,
        records: Records | None = None,
    ) -> None:
        """With `owned`, the lab goes when this process does, at the latest."""
        self.folder = Path(folder).absolute()
        self.names = Names(network)
        self._owner = this_process() if owned else None
        self._records = records or Records()
        self._switch = Switch(self.names)
        #: Those of this process, by the node that they stand before.
        self._relays: dict[int, Relay] = {}
        #: Nodes that `restore` has to look after.
        self._had_faults: set[int] = set()

    # -- all of it
    def up(self, count: int, **wanted: Any) -> "Lab":
        """Nodes 1 to `count`, as `Settings` says: make or start what is not there."""
        if not 1 <= count <= MAX_NODES:
            raise LabError(f"nodes: found {count}; a lab has 1 to {MAX_NODES}")
        require()
        sweep(self._records)
        network = self.names.network
        self._records.claim(Record(network, str(self.folder), self._owner))
        self.folder.mkdir(parents=True, exist_ok=True)
        chosen = self._settle(wanted)
        self._switch.make(internet=chosen.internet)
        # The key of the authority is made once, before several nodes ask for it.
        Authority(self.folder / "certificates").client()
        self._each([self._new(n, chosen) for n in range(1, count + 1)], Node.start)
        return self

    def _settle(self, wanted: dict[str, Any]) -> Settings:
        there, chosen = settings.load(self.folder), Settings(**wanted)
        if there is None:
            settings.save(self.folder, chosen)
            return chosen
        if wanted and chosen != there:
            raise LabError(
                f"the lab in {self.folder} was made with {there}; "
                "take it down to make it otherwise"
            )
        return there

    def down(self) -> "Lab":
        """Leave nothing of the lab. Nothing happens where there is none."""
        self._record()
        for number in list(self._relays):
            self._relays.pop(number).close()
        there = settings.load(self.folder) or Settings()
        numbers = sorted({*self.numbers(), *self._switch.nodes()})
        self._each([self._new(n, there) for n in numbers], Node.remove)
        cgroups.remove_lab(self.names.tag)
        self._switch.remove(internet=there.internet)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._records.forget(self.names.network)
        return self

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def numbers(self) -> list[int]:
        found = self.folder.glob("node[0-9]*")
        return sorted(int(path.name.removeprefix("node")) for path in found)

    def node(self, number: int) -> Node:
        there = settings.load(self.folder)
        if there is None or self._record() is None:
            raise LabError(
                f"there is no lab in {self.folder} on network {self.names.network}: "
                "begin with `up`"
            )
        node = self._new(number, there)
        if not node.folder.is_dir():
            raise LabError(f"there is no node {number}: `up {number}` makes one")
        return node

    def _record(self) -> Record | None:
        """LabError if the network is another lab's, all of which stays untouched."""
        found = self._records.find(self.names.network)
        if found is not None and found.folder != str(self.folder):
            raise taken(found)
        return found

    def _new(self, number: int, common: Settings) -> Node:
        return Node(self.folder, self.names, number, settings=common)

    def nodes(self) -> list[Node]:
        return [self.node(number) for number in self.numbers()]

    def status(self) -> list[Status]:
        return [node.status() for node in self.nodes()]

    def restore(self) -> "Lab":
        """All nodes up and without the faults of this process; relays let all pass."""
        self._each([self.node(number) for number in self._had_faults], Node.heal)
        self._had_faults.clear()
        for number in self.numbers():
            self.start(number)
        for relay in self._relays.values():
            relay.heal()
        return self

    def _each(self, nodes: Sequence[Node], verb: Callable[[Node], None]) -> None:
        with ThreadPoolExecutor(max(1, len(nodes))) as pool:
            list(pool.map(verb, nodes))

    # -- life of one
    def start(self, number: int) -> "Lab":
        """Return after kill, wipe, crash or stop."""
        self.node(number).start()
        if number in self._relays:
            self._relays[number].listen()
        return self

    def kill(self, number: int) -> "Lab":
        """Power failure."""
        self._switch.cut(number)
        self._silence(number)
        self.node(number).kill()
        return self

    def stop(self, number: int) -> "Lab":
        """Orderly shutdown."""
        self.node(number).stop()
        self._silence(number)
        return self

    def reboot(self, number: int) -> "Lab":
        return self.stop(number).start(number)

    def wipe(self, number: int) -> "Lab":
        """Power failure, and the disk is lost too."""
        self.kill(number).node(number).wipe()
        return self

    def crash(self, number: int) -> "Lab":
        """Kill dockerd alone; its containers live on."""
        self.node(number).crash()
        return self

    def restart_engine(self, number: int) -> "Lab":
        self.node(number).restart_engine()
        return self

    def _silence(self, number: int) -> None:
        """A relay's sockets are in a network that is about to go."""
        if number in self._relays:
            self._relays[number].abandon()

    # -- faults of one
    def _faulty(self, number: int) -> Node:
        self._had_faults.add(number)
        return self.node(number)

    def freeze(self, number: int, *, engine_only: bool = False) -> "Lab":
        """The node, or only its dockerd: connections open, nothing answers."""
        self._faulty(number).freeze(engine_only=engine_only)
        return self

    def thaw(self, number: int) -> "Lab":
        self.node(number).thaw()
        return self

    def partition(self, number: int, *others: int, way: Way = Way.BOTH) -> "Lab":
        """Cut a node off from everyone, or from the others only (0: this machine)."""
        for other in others:
            if other != MACHINE:
                self.node(other)
        self._faulty(number).partition(others, way)
        return self

    def lose(self, number: int, percent: float) -> "Lab":
        """Drop packets at random, both ways."""
        self._faulty(number).lose(percent)
        return self

    def slow(self, number: int, kilobits: float) -> "Lab":
        """A line of so many kbit/s, each way."""
        self._faulty(number).slow(kilobits)
        return self

    def throttle(self, number: int, processors: float) -> "Lab":
        """So much of a processor for everything in the node."""
        self._faulty(number).throttle(processors)
        return self

    def fill(self, number: int) -> "Lab":
        """No room on the disk, which must be one in memory."""
        self._faulty(number).fill()
        return self

    def recertify(self, number: int, flaw: Flaw = Flaw.NONE) -> "Lab":
        """Restart the engine with another certificate."""
        self._faulty(number).recertify(flaw)
        return self

    def heal(self, number: int) -> "Lab":
        """End every fault. What is down stays down."""
        self.node(number).heal()
        return self

    # -- the way to it
    def endpoint(self, number: int, flaw: Flaw = Flaw.NONE) -> Endpoint:
        """With a client certificate that has the flaw."""
        return self.node(number).endpoint(flaw)

    def endpoints(self) -> list[Endpoint]:
        return [node.endpoint() for node in self.nodes()]

    def relay(self, number: int) -> Relay:
        """What stands before the node's engine and can misbehave; one per node."""
        if number not in self._relays:
            self._relays[number] = Relay(self.node(number)).listen()
        return self._relays[number]

    def run(self, number: int, *argv: str) -> str:
        """The output of a command in a node."""
        return self.node(number).run(argv)

    def load(self, *names: str, onto: Sequence[int] = ()) -> "Lab":
        """Copy images of this machine's engine, or of the one that DOCKER_HOST names,
        onto nodes; all that are up if none."""
        chosen = [self.node(n) for n in onto] or [n for n in self.nodes() if n.is_on()]
        images.load(names, [node.inner_endpoint() for node in chosen], self.folder)
        return self


def sweep(records: Records | None = None) -> None:
    """Take down labs whose owner is no more, and what no lab owns up to."""
    kept = records or Records()
    with kept.locked():
        for left in kept.orphans():
            Lab(left.folder, left.network, records=kept).down()
        if records is None:
            _sweep_groups(kept)


def _sweep_groups(kept: Records) -> None:
    """A lab's record is there before its groups are, and goes after them."""
    there = cgroups.tags()
    owned = {Names(record.network).tag for record in kept.all()}
    for tag in there - owned:
        if _TAG.fullmatch(tag):
            cgroups.remove_lab(tag)


@contextmanager
def borrowed(folder: Path, count: int, **wanted: Any) -> Iterator[Lab]:
    """A lab of this process, on a network that nobody uses; gone afterwards."""
    require()
    sweep()
    lab = _claim(folder)
    try:
        yield lab.up(count, **wanted)
    finally:
        lab.down()


def _claim(folder: Path) -> Lab:
    """On the first network that neither a lab has nor this machine knows."""
    records, routes = Records(), run("ip", "route", "show", "table", "all")
    for network in _NETWORKS:
        if re.search(rf"(?<![\d.]){re.escape(network)}\.", routes):
            continue
        lab = Lab(folder, network, owned=True, records=records)
        try:
            records.claim(Record(network, str(lab.folder), this_process()))
        except LabError:
            continue
        return lab
    raise LabError(f"all networks from {_NETWORKS[0]} to {_NETWORKS[-1]} are in use")

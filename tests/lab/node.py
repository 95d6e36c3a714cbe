"""One node: its life, its sudden ends, and what else can happen to it.

Rules
- A verb returns when what it says is so. Doing it again changes nothing.
- What is known about a node is in its folder and in the kernel, so every process that
  is given the same folder and network commands the same node.
"""

import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab.certificates import Authority, Flaw, Identity
from tests.lab.cgroups import Groups
from tests.lab.commands import LabError
from tests.lab.disk import Disk
from tests.lab.endpoint import Endpoint
from tests.lab.engine import Engine
from tests.lab.names import Names, check_number
from tests.lab.namespaces import Namespaces
from tests.lab.settings import Settings
from tests.lab.switch import Switch
from tests.lab.traffic import Traffic, Way


@dataclass(frozen=True)
class Status:
    name: str
    state: str
    """down, frozen, no engine, engine frozen, starting, cut off, disk full or up."""
    api: str
    """What a client meets: see `Endpoint.ping`."""
    url: str
    pool: str
    """Addresses of its containers."""
    memory_mib: int
    containers: int
    """How many run."""


class Node:
    def __init__(
        self, lab: Path, names: Names, number: int, *, settings: Settings
    ) -> None:
        check_number(number)
        self.number = number
        self.name = names.node(number)
        self.folder = lab / self.name
        self._names = names
        self._settings = settings
        self._authority = Authority(lab / "certificates")
        self._switch = Switch(names)
        self._traffic = Traffic(names, number)
        self._groups = Groups(names.tag, self.name)
        self._disk = Disk(self.folder, settings.memory_disk)
        self._host = Namespaces(self.name, self.folder, self._groups)
        self._engine = Engine(
            names, number, self.folder, namespaces=self._host, groups=self._groups
        )
        self._flaw_file = self.folder / "flaw"

    # -- how to reach it
    @property
    def address(self) -> str:
        return self._names.address(self.number)

    @property
    def namespace(self) -> str:
        """Its network namespace."""
        return self._names.namespace(self.number)

    @property
    def socket(self) -> Path:
        """Reaches the engine past all that is wrong with the network."""
        return self._engine.socket

    def endpoint(self, flaw: Flaw = Flaw.NONE) -> Endpoint:
        """With a client certificate that has the flaw."""
        identity = self._authority.client(flaw) if self._settings.tls else None
        return Endpoint(self.name, self._engine.url(self._settings), identity)

    def inner_endpoint(self) -> Endpoint:
        """For looking at the engine while the node is cut off."""
        return Endpoint(self.name, f"unix://{self.socket}")

    def identity(self, flaw: Flaw = Flaw.NONE) -> Identity:
        """The server's certificate."""
        return self._authority.server(self.name, (self.address,), flaw)

    # -- life
    def is_on(self) -> bool:
        return self._host.init() != 0

    def start(self) -> None:
        """Boot if it is down, start the engine if it does not run, wait for it."""
        if self._groups.is_frozen() or self._engine.is_stopped():
            raise LabError(f"{self.name} is frozen: thaw it first")
        if not self.is_on():
            self._disk.attach()
            self._switch.plug(self.number)
            self._host.boot(self.namespace)
        if not self._engine.pid():
            certificates = self.identity(self._flaw()).folder
            self._engine.start(self._settings, self._disk.path, certificates)
        self._engine.wait()

    def kill(self) -> None:
        """Power failure. The cable goes first: a peer must not see sockets close."""
        self._switch.cut(self.number)
        self._groups.thaw()
        self._host.kill()
        self._groups.kill()  # were the folder lost, nothing else would find them
        self._switch.unplug(self.number)
        self._groups.remove()

    def stop(self) -> None:
        """Orderly: the engine ends its containers, then the node goes down."""
        if self.is_on():
            self.thaw()
            self._engine.end(signal.SIGTERM)
        self.kill()

    def wipe(self) -> None:
        """Power failure, and the disk is lost too: it starts as an empty host."""
        self.kill()
        self._disk.remove()
        self.folder.mkdir()

    def crash(self) -> None:
        """Kill dockerd alone; its containers live on."""
        self._check_on()
        self._engine.end(signal.SIGKILL)

    def restart_engine(self) -> None:
        """Orderly: end dockerd and start it again."""
        self._check_on()
        self._engine.end(signal.SIGTERM)
        self.start()

    # -- faults
    def freeze(self, *, engine_only: bool = False) -> None:
        """Stop everything in it where it is: the kernel still accepts connections."""
        self._check_on()
        if engine_only:
            self._engine.freeze()
        else:
            self._groups.freeze()

    def thaw(self) -> None:
        self._groups.thaw()
        self._engine.thaw()

    def partition(self, others: Sequence[int] = (), way: Way = Way.BOTH) -> None:
        """Cut it off, from the others named (0 is this machine), or from everyone."""
        self._check_on()
        if not others and way is Way.BOTH:
            self._switch.cut(self.number)
        else:
            self._traffic.drop(way, tuple(others))

    def lose(self, percent: float) -> None:
        self._check_on()
        self._traffic.lose(percent)

    def slow(self, kilobits: float) -> None:
        self._check_on()
        self._traffic.slow(kilobits)

    def throttle(self, processors: float) -> None:
        """Give all of it together so much of a processor, such as 0.1."""
        self._check_on()
        if processors < 0.01:
            raise LabError(
                f"throttle: found {processors:g}; at least 0.01 of a processor"
            )
        self._groups.throttle(processors)

    def fill(self) -> None:
        """Leave no room on its disk."""
        self._check_on()
        self._disk.fill()

    def recertify(self, flaw: Flaw) -> None:
        """Restart the engine with a certificate that has the flaw, or a good one."""
        if not self._settings.tls:
            raise LabError("a lab without TLS has no certificates: make one with it")
        self._flaw_file.write_text(flaw.value)
        if self.is_on():
            self.restart_engine()

    def _flaw(self) -> Flaw:
        try:
            return Flaw(self._flaw_file.read_text())
        except FileNotFoundError:
            return Flaw.NONE

    def heal(self) -> None:
        """End every fault. What is down stays down."""
        self._disk.empty()
        if self.is_on():
            self.thaw()
            self._groups.throttle(None)
            self._traffic.heal()
            self._switch.mend(self.number)
        if self._flaw() is not Flaw.NONE:
            self.recertify(Flaw.NONE)

    def _check_on(self) -> None:
        if not self.is_on():
            raise LabError(f"{self.name} is down: start it first")

    # -- a look at it
    def run(self, argv: Sequence[str]) -> str:
        return self._host.run(argv)

    def inside(self, argv: Sequence[str]) -> list[str]:
        return self._host.inside(argv)

    def status(self) -> Status:
        endpoint = self.endpoint()
        return Status(
            self.name,
            self.state(),
            endpoint.ping(),
            endpoint.url,
            self._names.pool(self.number),
            memory_mib=self._groups.memory_bytes() >> 20,
            containers=self._groups.containers(),
        )

    def state(self) -> str:
        table = (
            ("down", not self.is_on()),
            ("frozen", self._groups.is_frozen()),
            ("no engine", not self._engine.pid()),
            ("engine frozen", self._engine.is_stopped()),
            ("starting", not self._engine.answers()),
            ("cut off", self._switch.is_cut(self.number)),
            ("disk full", self._disk.is_full()),
        )
        return next((word for word, holds in table if holds), "up")

    def remove(self) -> None:
        """Power off, and leave nothing."""
        self.kill()
        with suppress(FileNotFoundError):
            self._disk.remove()

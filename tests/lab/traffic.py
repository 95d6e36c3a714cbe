"""Faults of one node's network: partitions, loss, a slow line.

They are rules and queues in the node's own namespace, which they go away with. Docker
never touches the mangle table, so what is in it is the lab's; what is dropped there is
dropped before Docker's own rules and after them.
"""

from enum import Enum

from tests.lab.commands import LabError, attempt, run
from tests.lab.names import Names

_HEARD, _SAID = "PREROUTING", "POSTROUTING"
_QUEUE = ("burst", "16kb", "latency", "10s")
"""A long queue: a slow line delays before it drops."""


class Way(Enum):
    """Which packets of a node are lost, as the node sees it."""

    BOTH = "both"
    IN = "in"
    """It hears nothing, but is heard."""
    OUT = "out"
    """It hears all, but is not heard: it does what it is asked, and no one knows."""


class Traffic:
    def __init__(self, names: Names, number: int) -> None:
        self._names = names
        self._number = number

    def drop(self, way: Way, others: tuple[int, ...] = ()) -> None:
        """Drop what passes between the node and the others; everyone if none named."""
        names = self._names
        addresses: list[str] = []
        for other in others:
            addresses.append(names.address(other))
            addresses += [names.pool(other)] if other else []
        for address in addresses or ["0.0.0.0/0"]:
            if way is not Way.OUT:
                self._rule("-I", _HEARD, "-i", "eth0", "-s", address, "-j", "DROP")
            if way is not Way.IN:
                self._rule("-I", _SAID, "-o", "eth0", "-d", address, "-j", "DROP")

    def lose(self, percent: float) -> None:
        """Drop so many packets at random, both ways, instead of as many as before."""
        if not 0 <= percent <= 100:
            raise LabError(f"loss: found {percent:g}; it is a percentage, 0 to 100")
        for chain in (_HEARD, _SAID):
            for line in self._rule("-S", chain).splitlines():
                if "statistic" in line:
                    self._rule("-D", *line.split()[1:])
        if percent:
            odds = ("--mode", "random", "--probability", f"{percent / 100:.6f}")
            some = ("-m", "statistic", *odds, "-j", "DROP")
            self._rule("-A", _HEARD, "-i", "eth0", *some)
            self._rule("-A", _SAID, "-o", "eth0", *some)

    def slow(self, kilobits: float) -> None:
        """Let so much through in a second, each way."""
        if kilobits <= 0:
            raise LabError(f"slow: found {kilobits:g}; it is kbit/s, more than 0")
        rate = ("tbf", "rate", f"{kilobits:g}kbit", *_QUEUE)
        for namespace, interface in self._ends():
            device = ("dev", interface, "root")
            run("tc", "-n", namespace, "qdisc", "replace", *device, *rate)

    def heal(self) -> None:
        """End all of these."""
        for chain in (_HEARD, _SAID):
            self._rule("-F", chain)
        for namespace, interface in self._ends():
            attempt("tc", "-n", namespace, "qdisc", "del", "dev", interface, "root")

    def _ends(self) -> tuple[tuple[str, str], ...]:
        """Both ends of the cable, each of which queues what it sends."""
        return (
            (self._names.namespace(self._number), "eth0"),
            (self._names.switch, self._names.port(self._number)),
        )

    def _rule(self, *rule: str) -> str:
        """Change the rules, or list them."""
        inside = ("ip", "netns", "exec", self._names.namespace(self._number))
        return run(*inside, "iptables", "-w", "-t", "mangle", *rule)

"""What everything of a lab is called, and who has which address.

With the network 10.88, node 3 is at 10.88.0.13 and this machine at 10.88.0.1. To the
node, 10.88.24.0/21 is routed from everywhere: its first /24 is that of docker0, its
upper half is for networks of Docker's that ask for no subnet, and the three /24
between are free for networks that name one. So containers are reached directly, from
this machine and from all other nodes.

Rules
- Every name in the kernel (namespace, interface, control group) begins with `tag`,
  which no other lab has: what a lab removes is its own.
- An interface's name has at most 15 characters.
"""

import re
from dataclasses import dataclass

from tests.lab.commands import LabError

MACHINE = 0
"""This machine's number, where nodes are counted from 1."""
MAX_NODES = 31
_NETWORK = re.compile(r"(\d{1,3})\.(\d{1,3})")


@dataclass(frozen=True)
class Names:
    network: str = "10.88"
    """The first half of all addresses."""

    def __post_init__(self) -> None:
        found = _NETWORK.fullmatch(self.network)
        if found is None or any(int(half) > 255 for half in found.groups()):
            raise LabError(
                f"network: found {self.network!r}; it is the first two numbers of "
                "private addresses, such as 10.88"
            )

    @property
    def tag(self) -> str:
        return "lab-" + self.network.replace(".", "-")

    @property
    def switch(self) -> str:
        """Network namespace of the switch."""
        return f"{self.tag}-switch"

    @property
    def machine_interface(self) -> str:
        """This machine's end of its own cable."""
        return self.tag

    @property
    def everything(self) -> str:
        return f"{self.network}.0.0/16"

    def node(self, number: int) -> str:
        return f"node{number}"

    def namespace(self, number: int) -> str:
        return f"{self.tag}-node{number}"

    def port(self, number: int) -> str:
        """The switch's end of a node's cable."""
        return f"port{number}"

    def address(self, number: int) -> str:
        return f"{self.network}.0.{10 + number if number else 1}"

    def hardware_address(self, number: int) -> str:
        """The same at every start: to a new one, peers would find the way in 30 s."""
        octets = (int(part) for part in self.address(number).split("."))
        return "02:68:" + ":".join(f"{octet:02x}" for octet in octets)

    def pool(self, number: int) -> str:
        """All addresses of a node's containers."""
        return f"{self.network}.{8 * number}.0/21"

    def docker0(self, number: int) -> str:
        return f"{self.network}.{8 * number}.1/24"

    def networks(self, number: int) -> str:
        """Where Docker's networks without a subnet of their own are."""
        return f"{self.network}.{8 * number + 4}.0/22"


def check_number(number: int) -> None:
    if not 1 <= number <= MAX_NODES:
        raise LabError(f"node: found {number}; nodes are numbered 1 to {MAX_NODES}")

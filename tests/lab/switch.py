"""The lab's network: a switch, this machine's cable to it, and one for each node.

Rules
- The switch is in a namespace of its own, so that this machine's firewall has no say
  in what nodes tell each other.
- A cable is cut by blocking the switch's port, which takes effect at once and which
  neither end can see. Taking the port down would be seen, and slow to come back.
- Of this machine's network only these change: one interface, the routes through it,
  and with `internet` three rules of its firewall. `remove` takes all of them away.
"""

from pathlib import Path

from tests.lab.commands import attempt, run
from tests.lab.names import MACHINE, MAX_NODES, Names

_BLOCKED, _FORWARDING = "0", "3"
"""States of a bridge's port, as `bridge link` numbers them."""


class Switch:
    def __init__(self, names: Names) -> None:
        self._names = names

    def exists(self) -> bool:
        return Path("/run/netns", self._names.switch).exists()

    def make(self, *, internet: bool) -> None:
        """Nothing happens if it is there."""
        if self.exists():
            return
        names, inside = self._names, ("ip", "-n", self._names.switch, "link")
        run("ip", "netns", "add", names.switch)
        run(*inside, "add", "switch", "type", "bridge", "forward_delay", "0")
        run(*inside, "set", "switch", "up")
        port, interface = names.port(MACHINE), names.machine_interface
        pair = ("type", "veth", "peer", "name", port, "netns", names.switch)
        run("ip", "link", "add", interface, *pair)
        run(*inside, "set", port, "master", "switch", "up")
        run("ip", "addr", "add", f"{names.address(MACHINE)}/24", "dev", interface)
        run("ip", "link", "set", interface, "up")
        if internet:
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
            for table, *rule in self._internet_rules():
                run("iptables", "-w", "-t", table, "-I", *rule)

    def remove(self, *, internet: bool) -> None:
        """The routes go with the interface. Nothing happens where nothing is."""
        attempt("ip", "link", "del", self._names.machine_interface)
        attempt("ip", "netns", "del", self._names.switch)
        if internet:
            for table, *rule in self._internet_rules():
                attempt("iptables", "-w", "-t", table, "-D", *rule)

    def _internet_rules(self) -> list[list[str]]:
        """Let nodes go out through this machine."""
        interface, inner = self._names.machine_interface, self._names.everything
        masked = ["POSTROUTING", "-s", inner, "!", "-o", interface, "-j", "MASQUERADE"]
        return [
            ["nat", *masked],
            ["filter", "FORWARD", "-i", interface, "-j", "ACCEPT"],
            ["filter", "FORWARD", "-o", interface, "-j", "ACCEPT"],
        ]

    def nodes(self) -> list[int]:
        """Numbers of the nodes that have a network, even if all else is lost."""
        prefix = self._names.namespace(MACHINE).removesuffix(str(MACHINE))
        found = (path.name for path in Path("/run/netns").glob(f"{prefix}*"))
        return sorted(int(name.removeprefix(prefix)) for name in found)

    # -- cables
    def plug(self, number: int) -> None:
        """Give a node a new network namespace with a cable to the switch."""
        names, namespace = self._names, self._names.namespace(number)
        self.unplug(number)
        run("ip", "netns", "add", namespace)
        inside, port = ("ip", "-n", names.switch, "link"), names.port(number)
        peer = ("peer", "name", "eth0", "address", names.hardware_address(number))
        run(*inside, "add", port, "type", "veth", *peer, "netns", namespace)
        run(*inside, "set", port, "master", "switch", "up")
        lines = [
            "link set lo up",
            f"addr add {names.address(number)}/24 dev eth0",
            "link set eth0 up",
            f"route add default via {names.address(MACHINE)}",
        ]
        lines += [
            f"route add {names.pool(other)} via {names.address(other)}"
            for other in range(1, MAX_NODES + 1)
            if other != number
        ]
        run("ip", "-n", namespace, "-batch", "-", stdin="\n".join([*lines, ""]))
        run("ip", "route", "replace", names.pool(number), "via", names.address(number))

    def unplug(self, number: int) -> None:
        """Remove the cable and the namespace.

        The port goes by itself: sockets that nobody has any more can keep a namespace,
        and what is in it, for minutes.
        """
        attempt("ip", "netns", "del", self._names.namespace(number))
        port = self._names.port(number)
        attempt("ip", "-n", self._names.switch, "link", "del", port)

    def cut(self, number: int) -> None:
        self._set(number, _BLOCKED)

    def mend(self, number: int) -> None:
        self._set(number, _FORWARDING)

    def _set(self, number: int, state: str) -> None:
        port = self._names.port(number)
        attempt(
            "bridge",
            "-n",
            self._names.switch,
            "link",
            "set",
            "dev",
            port,
            "state",
            state,
        )

    def is_cut(self, number: int) -> bool:
        if not self.exists():
            return False
        shown = run("bridge", "-n", self._names.switch, "link", "show")
        lines = (
            line
            for line in shown.splitlines()
            if f" {self._names.port(number)}@" in line
        )
        return any("state disabled" in line for line in lines)

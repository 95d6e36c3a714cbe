"""Names and addresses of a lab: none twice, and none too long."""

import ipaddress
from itertools import combinations

import pytest

from tests.lab.commands import LabError
from tests.lab.names import MAX_NODES, Names, check_number

ALL = range(1, MAX_NODES + 1)


def test_no_two_nodes_share_addresses() -> None:
    """The pools of all nodes, and the nodes themselves, are apart."""
    names = Names("10.255")
    pools = [ipaddress.ip_network(names.pool(n)) for n in ALL]
    nodes = ipaddress.ip_network("10.255.0.0/24")

    assert not any(one.overlaps(two) for one, two in combinations([*pools, nodes], 2))
    assert len({names.address(n) for n in (0, *ALL)}) == MAX_NODES + 1
    assert all(ipaddress.ip_address(names.address(n)) in nodes for n in ALL)


def test_a_node_has_room_for_docker0_and_other_networks() -> None:
    """Both are in the node's pool, and apart."""
    names = Names()
    pool = ipaddress.ip_network(names.pool(3))
    docker0 = ipaddress.ip_interface(names.docker0(3)).network
    others = ipaddress.ip_network(names.networks(3))

    assert docker0.subnet_of(pool) and others.subnet_of(pool)  # type: ignore[arg-type]
    assert not docker0.overlaps(others)


def test_interfaces_have_short_names() -> None:
    """The kernel allows 15 characters."""
    names = Names("192.168")

    assert len(names.machine_interface) <= 15
    assert len(names.port(MAX_NODES)) <= 15


@pytest.mark.parametrize("network", ["10", "10.88.0", "10.256", "ten.88", ""])
def test_a_network_is_the_first_half_of_addresses(network: str) -> None:
    """Anything else is refused, with what was found."""
    with pytest.raises(LabError, match=f"found {network!r}"):
        Names(network)


@pytest.mark.parametrize("number", [0, 32, -1])
def test_nodes_have_numbers_from_one(number: int) -> None:
    """As many as there are addresses for."""
    with pytest.raises(LabError, match=f"found {number}"):
        check_number(number)

"""Which way leads to a port of a pod."""

import pytest

from supervisor.model.endpoint import parse
from supervisor.runtime.docker.connection.reach import choose
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.runtime.reach import Direct, NoWay, PodAddress, PublishedPort, Way
from supervisor.runtime.reach.published import Published
from supervisor.runtime.ssh.command import SshHost
from supervisor.runtime.ssh.reach import Tunnelled
from supervisor.runtime.ssh.tunnel import SshTunnel

TCP = parse("tcp://10.0.0.7:2376")
POD = PodAddress("172.17.0.5")


def pod(*published: tuple[int, int, str]) -> PodAddress:
    return PodAddress("172.17.0.5", published=[PublishedPort(*p) for p in published])


def found(reach: Published, address: PodAddress, port: int = 8080) -> tuple[str, int]:
    way = reach.way(address, port)
    assert way.may_accept_early
    return way.host, way.port


def test_directly_the_pods_own_address_is_the_way() -> None:
    """The port is the container's."""
    assert Direct().way(POD, 8080) == Way("172.17.0.5", 8080)


def test_a_published_port_stands_for_the_pods() -> None:
    """At the host's address, under the number that the engine has chosen."""
    address = pod((9090, 32769, "10.0.0.7"), (8080, 32768, "10.0.0.7"))

    assert found(Published("10.0.0.7"), address) == ("10.0.0.7", 32768)


def test_a_port_that_all_addresses_have_is_dialled_at_the_host() -> None:
    """Or at the address that is configured."""
    everywhere = pod((8080, 30080, "0.0.0.0"))

    assert found(Published("host.example"), everywhere) == ("host.example", 30080)
    assert found(Published("host.example", "0.0.0.0"), everywhere)[0] == "host.example"
    assert found(Published("host.example", "10.9.9.9"), everywhere)[0] == "10.9.9.9"


def test_our_own_port_comes_before_one_that_the_pod_has_published() -> None:
    """It is bound to the address that is known to be reachable."""
    address = pod((8080, 80, "0.0.0.0"), (8080, 32768, "10.0.0.7"))

    assert found(Published("10.0.0.7"), address) == ("10.0.0.7", 32768)


def test_the_host_may_have_had_another_address_when_the_port_was_bound() -> None:
    """Its name is looked up at every start of a sandbox."""
    address = pod((8080, 32768, "10.0.0.8"))

    assert found(Published("host.example"), address) == ("10.0.0.8", 32768)


@pytest.mark.parametrize("host_ip", ["127.0.0.1", "10.9.9.9"])
def test_a_port_at_another_address_is_no_way(host_ip: str) -> None:
    """A hostPort with an address of its own is not for us."""
    with pytest.raises(NoWay):
        Published("10.0.0.7", "10.0.0.7").way(pod((8080, 80, host_ip)), 8080)


def test_a_port_that_is_not_published_names_the_ways_out() -> None:
    """What to change is said, and where."""
    with pytest.raises(NoWay) as refused:
        Published("10.0.0.7").way(pod((9090, 32768, "10.0.0.7")), 8080)

    text = str(refused.value)
    assert "port 8080 of the pod is not published on its host 10.0.0.7" in text
    assert "containerPort" in text and "ssh://" in text and "Direct" in text


def test_with_the_hosts_network_ports_are_the_hosts() -> None:
    """Nothing has to be published, and a tunnel ends at the host itself."""
    address = PodAddress("10.0.0.7", host_network=True)
    tunnel = SshTunnel(SshHost(parse("ssh://alias")))

    assert Published("10.0.0.7").way(address, 80) == Way("10.0.0.7", 80)
    assert Tunnelled(tunnel).way(address, 80).host == "127.0.0.1"
    assert Tunnelled(tunnel).way(POD, 80).host == "172.17.0.5"


def test_a_pod_without_an_address_is_not_looked_for() -> None:
    """An empty host would be this machine."""
    tunnel = SshTunnel(SshHost(parse("ssh://alias")))
    for reach in (Direct(), Published("h"), Tunnelled(tunnel)):
        with pytest.raises(NoWay, match="no address"):
            reach.way(PodAddress(), 80)


def test_the_way_follows_from_the_endpoint_unless_it_is_named() -> None:
    """Auto is Direct, Published and Tunnel for unix, tcp and ssh."""
    ssh = parse("ssh://host")
    tunnel = SshTunnel(SshHost(ssh))

    assert not choose("Auto", parse("unix:///d.sock"), "", None).is_remote
    assert isinstance(choose("Auto", TCP, "", None), Published)
    assert isinstance(choose("Auto", ssh, "", tunnel), Tunnelled)
    direct = choose("Direct", TCP, "", None)
    assert isinstance(direct, Direct) and direct.is_remote
    assert isinstance(choose("Published", ssh, "", tunnel), Published)


def test_a_way_that_cannot_be_is_refused() -> None:
    """An unknown word, or a tunnel without ssh."""
    with pytest.raises(ValueError, match=r"'Magic' is none of: Auto, Direct"):
        choose("Magic", TCP, "", None)
    with pytest.raises(ValueError, match="needs an ssh endpoint, not tcp"):
        choose("Tunnel", TCP, "", None)


@pytest.mark.parametrize("endpoint", ["ssh://", "ssh://-oProxyCommand=x", "file:///x"])
def test_an_address_that_is_none_is_refused(endpoint: str) -> None:
    """Before anything is sent, with what is allowed."""
    with pytest.raises(ValueError, match=r"is no address of a Docker engine.*ssh://"):
        DockerRuntime(endpoint, cluster="c", node="n")

"""Each end and each fault of a node is what it says, seen by a Docker client."""

import socket
import time
from contextlib import closing
from threading import Thread
from typing import Any

import docker.errors
import pytest
import requests

from tests.checks import eventually
from tests.contract.lab_checks import (
    IMAGE,
    OBEY,
    PATIENCE,
    SERVE,
    arrived,
    get_from,
    run,
    serves,
    silence,
    state,
    url_of,
)
from tests.lab import Lab, LabError, Way

pytestmark = pytest.mark.docker

SPIN = "timeout 1 sh -c 'while :; do :; done'; times"


def is_connected(lab: Lab, number: int) -> bool:
    """Does the node's kernel take a new connection to the engine?"""
    port = int(lab.endpoint(number).url.rpartition(":")[2])
    try:
        socket.create_connection((lab.endpoint(number).host, port), 1).close()
    except OSError:
        return False
    return True


def named(name: str, client: Any) -> bool:
    return [c["Names"] for c in client.containers(all=True)] == [[f"/{name}"]]


# -- ends


def test_power_failure_is_silent(lab: Lab, client: Any) -> None:
    """Open connections hear nothing of it; new ones are not made."""
    ended: list[float] = []
    events = client.events(decode=True)

    def listen() -> None:
        for _ in events:
            pass
        ended.append(time.monotonic())

    listener = Thread(target=listen, daemon=True)
    listener.start()
    client.ping()
    lab.kill(1)

    with silence(client):
        client.ping()
    assert lab.endpoint(1).ping(timeout=0.5) == "timeout"
    assert ended == []
    events.close()
    listener.join(5)


def test_a_node_returns_with_dead_containers(lab: Lab, client: Any) -> None:
    """After a power failure the disk is as it was, and what ran is dead."""
    identity, container = client.info()["ID"], run(client, OBEY)

    lab.kill(1).start(1)
    client.close()  # what was open is not

    assert client.info()["ID"] == identity
    assert state(client, container)["Status"] == "exited"
    assert state(client, container)["ExitCode"] == 255


def test_a_wiped_node_is_another_host(lab: Lab, client: Any) -> None:
    """When the disk is lost, identity, images and containers are."""
    identity, _ = client.info()["ID"], run(client, OBEY)

    lab.wipe(1).start(1)
    client.close()

    assert client.info()["ID"] != identity
    assert client.images() == [] and client.containers(all=True) == []


def test_containers_outlive_a_crashed_engine(lab: Lab, client: Any) -> None:
    """Only the API is gone, at once; the engine's return ends them in good order."""
    container = run(client, SERVE)
    served = url_of(client, container)
    eventually(lambda: serves(served), within=PATIENCE)

    lab.crash(1)

    with pytest.raises(requests.ConnectionError):
        client.ping()
    assert lab.endpoint(1).ping() == "refused"
    eventually(lambda: serves(served), within=PATIENCE)
    lab.start(1)
    assert state(client, container)["ExitCode"] == 3


def test_an_orderly_shutdown_ends_containers_first(lab: Lab, client: Any) -> None:
    """They are told to end, and the node returns with their own exit codes."""
    container = run(client, OBEY)

    lab.reboot(1)
    client.close()

    assert state(client, container)["Status"] == "exited"
    assert state(client, container)["ExitCode"] == 3


# -- standing still


def test_a_frozen_node_connects_and_says_nothing(lab: Lab, client: Any) -> None:
    """Engine and containers stand still where they are, and go on from there."""
    container = run(client, SERVE)
    served, pid = url_of(client, container), state(client, container)["Pid"]
    eventually(lambda: serves(served), within=PATIENCE)

    lab.freeze(1)

    assert is_connected(lab, 1)
    with silence(client):
        client.ping()
    assert not serves(served)
    with pytest.raises(LabError, match="thaw it first"):
        lab.start(1)
    lab.thaw(1)
    assert state(client, container)["Pid"] == pid
    eventually(lambda: serves(served), within=PATIENCE)


def test_only_the_engine_can_be_frozen(lab: Lab, client: Any) -> None:
    """The engine does not answer; its containers serve."""
    served = url_of(client, run(client, SERVE))
    eventually(lambda: serves(served), within=PATIENCE)

    lab.freeze(1, engine_only=True)

    assert is_connected(lab, 1)
    with silence(client):
        client.ping()
    eventually(lambda: serves(served), within=PATIENCE)
    assert lab.thaw(1).endpoint(1).ping(timeout=5) == "ok"


# -- the network


def test_a_partition_is_silent_and_heals(lab: Lab, client: Any) -> None:
    """Nobody reaches the node, which lives on; healed, old connections go on."""
    container = run(client, OBEY)

    lab.partition(1)

    with silence(client):
        client.ping()
    assert lab.endpoint(1).ping(timeout=0.5) == "timeout"
    with closing(lab.node(1).inner_endpoint().client()) as inside:
        assert state(inside, container)["Running"]
    lab.heal(1)
    eventually(lambda: lab.endpoint(1).ping(timeout=5) == "ok", within=PATIENCE)
    assert state(client, container)["Running"]


def test_nodes_can_be_cut_off_from_each_other(lab: Lab, client: Any) -> None:
    """A partition from one node concerns nobody else."""
    served = url_of(client, run(client, SERVE))
    eventually(lambda: serves(served), within=PATIENCE)

    lab.partition(1, 2)

    with pytest.raises(LabError, match="timed out"):
        get_from(lab, 2, served)
    get_from(lab, 3, served)
    eventually(lambda: serves(served), within=PATIENCE)


def test_a_node_that_is_not_heard_does_what_it_is_asked(lab: Lab, client: Any) -> None:
    """Cut off one way: the request arrives, its answer does not."""
    client.ping()

    lab.partition(1, way=Way.OUT)

    with silence(client):
        client.create_container(IMAGE, OBEY, name="unheard")
    assert arrived(lab, 1) == 100
    with closing(lab.node(1).inner_endpoint().client()) as inside:
        eventually(lambda: named("unheard", inside), within=PATIENCE)


def test_a_node_that_does_not_hear_is_not_asked(lab: Lab, client: Any) -> None:
    """Cut off the other way: the request never arrives."""
    client.ping()

    lab.partition(1, way=Way.IN)

    with silence(client):
        client.create_container(IMAGE, OBEY, name="unasked")
    assert arrived(lab, 1) == 0
    with closing(lab.node(1).inner_endpoint().client()) as inside:
        assert inside.containers(all=True) == []


def test_lost_packets_only_delay(lab: Lab, client: Any) -> None:
    """With 30 % lost, two thirds arrive, and the engine answers in the end."""
    lab.lose(1, 30)

    assert 40 <= arrived(lab, 1) <= 95
    with closing(lab.endpoint(1).client(timeout=60)) as patient:
        assert patient.ping()
    lab.lose(1, 0)
    assert arrived(lab, 1) == 100


def test_a_slow_line_takes_its_time(lab: Lab, client: Any) -> None:
    """Two megabytes take a second at 16 Mbit/s."""
    lab.slow(1, 16_000)

    with closing(lab.endpoint(1).client(timeout=60)) as patient:
        began = time.monotonic()
        size = sum(len(piece) for piece in patient.get_image(IMAGE))
        took = time.monotonic() - began

    assert size / took < 16e6 / 8 * 1.3


# -- what runs out


def test_a_throttled_node_gets_little_done(lab: Lab) -> None:
    """A tenth of a processor is a tenth of a second per second."""
    lab.throttle(1, 0.1)

    told = lab.run(1, "sh", "-c", SPIN).splitlines()[1].split()[0]
    assert float(told.partition("m")[2].rstrip("s")) < 0.4


def test_a_full_disk_refuses_and_recovers(lab: Lab, client: Any) -> None:
    """Nothing can be made; what is there can be looked at and removed."""
    container = run(client, OBEY)

    lab.fill(1)

    with pytest.raises(docker.errors.APIError, match="no space left on device"):
        client.create_container(IMAGE, OBEY)
    assert state(client, container)["Running"]
    lab.heal(1)
    assert state(client, run(client, OBEY))["Running"]


def test_what_cannot_be_done_is_said(lab: Lab) -> None:
    """Verbs for nodes that are not there, or down, say so."""
    with pytest.raises(LabError, match="found 32; nodes are numbered 1 to 31"):
        lab.kill(32)
    with pytest.raises(LabError, match="there is no node 9"):
        lab.kill(9)
    with pytest.raises(LabError, match="there is no node 9"):
        lab.partition(1, 9)
    with pytest.raises(LabError, match="node2 is down: start it first"):
        lab.kill(2).freeze(2)

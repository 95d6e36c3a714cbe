"""What a lab is, and that it leaves nothing: seen by clients, and by the kernel."""

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import docker.errors
import pytest
import requests

from tests.checks import eventually
from tests.contract.lab_checks import (
    IMAGE,
    PATIENCE,
    SERVE,
    get_from,
    run,
    serves,
    url_of,
)
from tests.lab import Flaw, Lab, LabError, borrowed, sweep
from tests.lab.cgroups import Groups
from tests.lab.records import Records

pytestmark = pytest.mark.docker


def trace_of(network: str) -> list[str]:
    """Everything in the kernel that bears the name of a lab or has its addresses."""
    tag = "lab-" + network.replace(".", "-")
    asked = (
        ["ip", "netns"],
        ["ip", "-brief", "addr"],
        ["ip", "route"],
        ["iptables-save"],
        ["ps", "-eo", "args"],
        ["cat", "/proc/mounts"],
        ["find", "/sys/fs/cgroup", "-name", f"{tag}*"],
    )
    words = (f"{tag}-", f"{tag} ", f"{tag}@", f"{tag}\n", f" {network}.", f"/{tag}")
    found = []
    for argv in asked:
        told = subprocess.run(argv, capture_output=True, text=True, check=False)
        for line in told.stdout.splitlines():
            if any(word in f" {line}\n" for word in words):
                found.append(line)
    return found


# -- hosts


def test_nodes_are_hosts_of_their_own(lab: Lab) -> None:
    """Every node has a name, an engine identity and an address that no other has."""
    infos = []
    for endpoint in lab.endpoints():
        with closing(endpoint.client()) as client:
            infos.append(client.info())

    assert [info["Name"] for info in infos] == ["node1", "node2", "node3"]
    assert len({info["ID"] for info in infos}) == 3
    assert len({endpoint.host for endpoint in lab.endpoints()}) == 3


def test_containers_are_reached_from_everywhere(lab: Lab, client: Any) -> None:
    """A container answers at its own address, to this machine and to other nodes."""
    url = url_of(client, run(client, SERVE))

    eventually(lambda: serves(url), within=PATIENCE)
    get_from(lab, 2, url)


def test_images_come_from_this_machine(lab: Lab) -> None:
    """An image of this machine's engine is the same on the nodes; no other is known."""
    with closing(docker.from_env()) as here:
        identity = here.images.get(IMAGE).id
    lab.load(IMAGE)

    for endpoint in lab.endpoints():
        with closing(endpoint.client()) as client:
            assert client.inspect_image(IMAGE)["Id"] == identity
    with pytest.raises(LabError, match="no/such: this machine's engine has none"):
        lab.load("no/such")


# -- TLS


def test_engines_let_nobody_in_without_a_certificate(lab: Lab) -> None:
    """Without a client certificate, no request is answered."""
    endpoint = lab.endpoint(1)
    assert endpoint.identity is not None
    url = endpoint.url.replace("tcp://", "https://") + "/_ping"

    with pytest.raises(requests.ConnectionError, match=r"(?i)certificate"):
        requests.get(url, verify=str(endpoint.identity.ca), timeout=5)


def test_an_engine_can_have_a_bad_certificate(lab: Lab) -> None:
    """It is not spoken to, and heals with a good one."""
    lab.recertify(3, Flaw.EXPIRED)

    assert lab.endpoint(3).ping(timeout=5) == "certificate has expired"
    with pytest.raises(docker.errors.DockerException, match="CERTIFICATE_VERIFY"):
        lab.endpoint(3).client()
    assert lab.heal(3).endpoint(3).ping(timeout=5) == "ok"


@pytest.mark.parametrize("flaw", [Flaw.EXPIRED, Flaw.EARLY, Flaw.STRANGER])
def test_an_engine_turns_away_bad_clients(lab: Lab, flaw: Flaw) -> None:
    """A client whose own certificate is bad gets a TLS alert."""
    said = lab.endpoint(1, flaw).ping(timeout=5)

    assert "certificate" in said or "unknown ca" in said
    assert lab.endpoint(1).ping(timeout=5) == "ok"


# -- labs side by side, and their end


def test_a_lab_leaves_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second lab lives beside the first; down, with a dead node, it is all gone."""
    folder = tmp_path_factory.mktemp("lab") / "n"
    with borrowed(folder, 2, memory_disk=256) as second:
        network = second.names.network
        assert [row.state for row in second.status()] == ["up", "up"]
        assert len(trace_of(network)) > 10
        second.kill(2).freeze(1)

    assert trace_of(network) == []
    assert not folder.exists()
    assert Records().find(network) is None


def test_the_lab_of_a_dead_process_is_swept(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What a killed test run leaves is taken down, even if its folder was deleted."""
    folder = tmp_path_factory.mktemp("lab") / "n"
    script = (
        "import os, pathlib\nfrom tests.lab import borrowed\n"
        f"with borrowed(pathlib.Path({str(folder)!r}), 1) as lab:\n"
        "    print(lab.names.network, flush=True)\n    os._exit(9)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True
    )
    network = done.stdout.strip()
    assert done.returncode == 9 and len(trace_of(network)) > 5
    for file in ("process-1", "lab.json"):
        (folder / ("node1" if file == "process-1" else ".") / file).unlink()

    sweep()

    assert trace_of(network) == []
    assert Records().find(network) is None


def test_control_groups_that_no_lab_owns_up_to_are_swept(lab: Lab) -> None:
    """With what is in them, frozen or not; those of the labs there are stay."""
    groups = Groups("lab-250-250", "node1")
    left = subprocess.Popen(groups.entering(["sleep", "60"]))
    eventually(lambda: trace_of("250.250"), within=PATIENCE)
    groups.freeze()

    sweep()

    assert left.wait(PATIENCE) == -signal.SIGKILL
    assert trace_of("250.250") == []
    assert lab.status()[0].state == "up"


def test_a_network_belongs_to_one_lab(lab: Lab, tmp_path: Path) -> None:
    """Who asks for a network in use is told whose it is."""
    with pytest.raises(LabError, match=f"is that of the lab in {lab.folder}"):
        Lab(tmp_path, lab.names.network).up(1)
    with pytest.raises(LabError, match=f"is that of the lab in {lab.folder}"):
        Lab(tmp_path, lab.names.network).down()
    assert lab.status()[0].state == "up"


def test_a_lab_is_not_made_otherwise_behind_its_back(lab: Lab) -> None:
    """Other settings for a lab that is there are refused."""
    with pytest.raises(LabError, match="take it down to make it otherwise"):
        lab.up(3, tls=False)

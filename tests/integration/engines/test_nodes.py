"""Any number of engines as nodes: added, changed and removed while the daemon runs."""

import time

import pytest
import yaml

from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import CONNECTED, CONNECTING, REFUSED
from tests.checks import always, eventually
from tests.integration.engines.fleet import Fleet

pytestmark = pytest.mark.docker


def test_an_engine_is_added_used_and_removed(fleet: Fleet) -> None:
    """Its node takes pods, and at the end nothing of ours is left there."""
    said = fleet.add(1, "--label", "zone=a", "--wait")
    assert said == "node/n1 added\nnode/n1 ready\n"
    assert fleet.add(2, "--wait") == "node/n2 added\nnode/n2 ready\n"
    node = fleet.daemon.client.get("nodes", "n1")
    assert node["metadata"]["labels"]["zone"] == "a"
    addresses = {a["type"]: a["address"] for a in node["status"]["addresses"]}
    assert addresses == {
        "InternalIP": fleet.lab.endpoint(1).host,
        "Hostname": "n1",
    }
    fleet.run_pods(4)
    assert set(fleet.nodes_of_pods()) == {"n1", "n2"}

    done = fleet.daemon.supervisor("node", "remove", "n1")

    assert done.stdout == 'node "n1" removed\n'
    assert "node/n1: waiting for 2 pod(s) to end: default/app-" in done.stderr
    assert fleet.containers(1) == []
    assert fleet.names("nodes") == ["n2"]
    assert fleet.names("leases.coordination.k8s.io") == ["n2"]
    fleet.wait_pods(4)
    assert set(fleet.nodes_of_pods()) == {"n2"}
    # The certificates go with the engine that they were for.
    eventually(lambda: [n[:9] for n in fleet.names("secrets")] == ["engine-n2"])


def test_kubectl_shows_engines(fleet: Fleet) -> None:
    """With the columns that matter."""
    fleet.add(1, "--wait")
    lines = fleet.daemon.kubectl("get", "eng").stdout.splitlines()

    assert lines[0].split() == [
        "NAME",
        "ENDPOINT",
        "PHASE",
        "VERSION",
        "AGE",
        "MESSAGE",
    ]
    assert lines[1].split()[:3] == ["n1", fleet.lab.endpoint(1).url, CONNECTED]
    assert fleet.run("list").splitlines()[0] == lines[0]


def test_labels_change_in_place_and_addresses_anew(fleet: Fleet) -> None:
    """Containers go on running through both."""
    fleet.add(1, "--label", "zone=a", "--wait")
    fleet.run_pods(1)
    before = {c["Id"] for c in fleet.containers(1)}

    fleet.run("set", "n1", "--label", "zone-", "--label", "disk=ssd")
    eventually(lambda: {"disk": "ssd"}.items() <= fleet.labels("n1").items())
    assert "zone" not in fleet.labels("n1")
    # The same engine by another way.
    relay = fleet.lab.relay(1).endpoint()
    said = fleet.run("set", "n1", "--endpoint", relay.url, "--wait")

    assert said == "node/n1 configured\nnode/n1 ready\n"
    assert fleet.run("set", "n1", "--label", "disk=ssd") == "node/n1 unchanged\n"
    assert {c["Id"] for c in fleet.containers(1)} == before
    assert fleet.events("EngineReplaced") == []


def test_the_configuration_has_nodes_too(fleet: Fleet) -> None:
    """They come and go with the file; a name on both sides ends the start."""
    daemon = fleet.daemon
    fleet.add(2, "--wait")
    daemon.stop()
    endpoint = fleet.lab.endpoint(1)
    assert endpoint.identity is not None
    identity = endpoint.identity
    entry = {
        "name": "n1",
        "engine": endpoint.url,
        "tls": {
            "caFile": str(identity.ca),
            "certFile": str(identity.certificate),
            "keyFile": str(identity.key),
        },
    }
    daemon.configure(nodes=[entry])
    daemon.start()
    fleet.says("n1", CONNECTED)
    fleet.says("n2", CONNECTED)
    warned = daemon.supervisor("node", "set", "n1", "--label", "a=b").stderr
    assert "Warning: node n1 is defined in the daemon's configuration file" in warned
    daemon.stop()

    daemon.configure(nodes=[entry, entry | {"name": "n2"}])
    with pytest.raises(RuntimeError, match="added while the daemon ran"):
        daemon.start()
    assert daemon.process.wait() == 78

    daemon.configure(nodes=[])
    daemon.start()
    eventually(lambda: fleet.names(ENGINE.resource) == ["n2"])
    eventually(lambda: fleet.names("nodes") == ["n2"])


def test_a_name_belongs_to_one_engine_and_an_engine_to_one_name(fleet: Fleet) -> None:
    """The second is refused, whichever is given twice."""
    fleet.add(1, "--wait")
    tls = str(fleet.lab.folder / "certificates" / "client")
    twice = fleet.refused("add", "n1", fleet.lab.endpoint(2).url, "--tls-dir", tls)
    assert twice.splitlines()[0] == 'error: node "n1" already exists'

    url = fleet.lab.endpoint(1).url
    other = fleet.refused("add", "x", url, "--tls-dir", tls, "--wait")

    assert 'node/x is refused: this is the engine of node "n1" already' in other
    assert fleet.phase("x")[0] == REFUSED
    always(lambda: fleet.ready("x") == "False", during=2)
    assert fleet.run("remove", "x") == 'node "x" removed\n'
    assert fleet.names("nodes") == ["n1"]
    assert fleet.phase("n1") == (CONNECTED, "")


def test_an_engine_that_hangs_delays_nobody(fleet: Fleet) -> None:
    """Neither the daemon's start, nor other nodes, nor its end."""
    fleet.add(1, "--wait")
    fleet.add(2, "--wait")
    fleet.daemon.stop()
    fleet.lab.freeze(1)
    began = time.monotonic()
    fleet.daemon.start()
    eventually(lambda: fleet.runs("n2"))
    ready_after = time.monotonic() - began
    fleet.says("n1", CONNECTING, "no answer in time")
    eventually(lambda: fleet.ready("n1") != "True")
    fleet.run_pods(2)
    assert set(fleet.nodes_of_pods()) == {"n2"}
    began = time.monotonic()
    fleet.daemon.stop()

    assert ready_after < 5
    assert time.monotonic() - began < 8


def test_a_node_that_is_lost_can_be_given_up(fleet: Fleet) -> None:
    """Without force the removal waits and says so."""
    fleet.add(1, "--wait")
    fleet.add(2, "--wait")
    fleet.run_pods(2)
    fleet.lab.kill(1)
    waiting = fleet.refused("remove", "n1", "--timeout", "15s")
    assert "waiting for the engine, to remove what is ours" in waiting
    assert "hint: `supervisor node remove n1 --force` does not wait" in waiting
    fleet.wait_pods(2, away_from="n1")

    assert fleet.run("remove", "n1", "--force") == 'node "n1" removed\n'

    assert fleet.names("nodes") == ["n2"]
    assert set(fleet.nodes_of_pods()) == {"n2"}


def test_a_disk_that_was_wiped_is_told_of(fleet: Fleet) -> None:
    """Another engine answers; the pods are simply started there."""
    fleet.add(1, "--wait")
    fleet.run_pods(1)
    fleet.lab.wipe(1).start(1).load("supervisor/busybox", onto=[1])
    eventually(lambda: fleet.events("EngineReplaced"))
    fleet.wait_pods(1)

    assert "another engine answers at tcp://" in fleet.events("EngineReplaced")[0]
    assert fleet.phase("n1") == (CONNECTED, "")


def test_an_engine_applied_from_a_manifest_is_checked(fleet: Fleet) -> None:
    """With every mistake told in its field."""
    spec = {"endpoint": "tcp://h:2375", "reach": "Tunnel"}
    body = {
        "apiVersion": "supervisor.io/v1",
        "kind": "Engine",
        "metadata": {"name": "n1"},
        "spec": spec,
    }
    done = fleet.daemon.kubectl("apply", "-f", "-", input=yaml.safe_dump(body))

    assert done.returncode == 1
    assert "spec.tls: Required value: without TLS" in done.stderr
    assert 'spec.reach: Invalid value: "Tunnel"' in done.stderr

"""Engines that cannot be used: told in words that help, and tried again."""

import pytest

from supervisor.model.engine import CONNECTED, CONNECTING, REFUSED
from tests.checks import eventually
from tests.integration.engines.fleet import Fleet
from tests.lab import Flaw

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        (Flaw.EXPIRED, "its certificate cannot be trusted: certificate has expired"),
        (Flaw.STRANGER, "its certificate cannot be trusted: "),
        (Flaw.NAME, "its certificate cannot be trusted: IP address mismatch"),
    ],
)
def test_an_engine_with_a_wrong_certificate_is_not_trusted(
    fleet: Fleet, flaw: Flaw, reason: str
) -> None:
    """The reason is in the message and an event; a good one is taken up."""
    relay = fleet.lab.relay(1)
    relay.present(flaw)
    fleet.add_at("n1", relay.endpoint())
    fleet.says("n1", CONNECTING, reason)
    assert any(reason in text for text in fleet.events("EngineUnavailable"))
    assert fleet.ready("n1") == "False"

    relay.heal()

    fleet.says("n1", CONNECTED)
    eventually(lambda: fleet.ready("n1") == "True")


@pytest.mark.parametrize("flaw", [Flaw.EXPIRED, Flaw.STRANGER])
def test_an_engine_may_not_accept_our_certificate(fleet: Fleet, flaw: Flaw) -> None:
    """New certificates are taken up as soon as they are given."""
    fleet.add(1, flaw=flaw)
    fleet.says("n1", CONNECTING, "accept our certificate")

    folder = str(fleet.lab.folder / "certificates" / "client")
    said = fleet.run("set", "n1", "--tls-dir", folder, "--wait")

    assert said == "node/n1 configured\nnode/n1 ready\n"
    assert len(fleet.names("secrets")) == 1


def test_an_engine_that_is_too_old_is_refused(fleet: Fleet) -> None:
    """With what it speaks, and what is needed, as `kubectl describe node` says too."""
    relay = fleet.lab.relay(1)
    relay.report_version("1.40")
    fleet.add_at("n1", relay.endpoint())
    fleet.says("n1", REFUSED, "speaks API 1.40, and 1.41 is needed")

    nodes = fleet.daemon.kubectl("get", "nodes", "--no-headers").stdout
    assert nodes.split()[:2] == ["n1", "NotReady"]
    described = fleet.daemon.kubectl("describe", "node", "n1").stdout
    assert "speaks API 1.40, and 1.41 is needed" in described
    assert "Taints:             node.kubernetes.io/not-ready:NoSchedule" in described
    assert fleet.run("remove", "n1") == 'node "n1" removed\n'
    assert fleet.names("nodes") == []


def test_an_engine_may_answer_nonsense(fleet: Fleet) -> None:
    """Errors, garbage and silence are told apart, and none lasts."""
    relay = fleet.lab.relay(1)
    relay.answer(500, '{"message": "no space left on device"}')
    fleet.add_at("n1", relay.endpoint())
    fleet.says("n1", CONNECTING, "no space left on device")
    relay.garbage()
    fleet.says("n1", CONNECTING, "the Docker engine does not answer")
    relay.answer(200, "[]")
    fleet.says("n1", CONNECTING, "its answer makes no sense")
    relay.hang()
    fleet.says("n1", CONNECTING, "no answer in time", within=60)
    relay.heal()

    fleet.says("n1", CONNECTED)


def test_plain_tcp_must_be_wanted(fleet: Fleet) -> None:
    """It is refused otherwise, and warned about then."""
    said = fleet.refused("add", "n1", "tcp://127.0.0.1:1")
    assert "spec.tls: Required value: without TLS, anyone who can connect" in said

    done = fleet.daemon.supervisor(
        "node", "add", "n1", "tcp://127.0.0.1:1", "--insecure"
    )

    assert "Warning: tcp://127.0.0.1:1 is not protected" in done.stderr
    fleet.says("n1", CONNECTING, "Connection refused")


def test_an_engine_that_is_restarted_ends_its_containers(fleet: Fleet) -> None:
    """Without live-restore; they are started again, and each restart is counted."""
    fleet.add(1, "--wait")
    fleet.run_pods(2)
    before = {c["Id"] for c in fleet.containers(1)}
    uids = {pod["metadata"]["uid"] for pod in fleet.pods()}

    fleet.lab.restart_engine(1)

    def counts() -> list[int]:
        rows = [pod["status"]["containerStatuses"][0] for pod in fleet.pods()]
        return [row["restartCount"] for row in rows if row["state"].get("running")]

    eventually(lambda: counts() == [1, 1], what="both run again")
    fleet.wait_pods(2)
    assert {pod["metadata"]["uid"] for pod in fleet.pods()} == uids
    running = {c["Id"] for c in fleet.containers(1) if c["State"] == "running"}
    assert not running & before and len(running) == 4

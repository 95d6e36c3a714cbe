"""Real pods that stop: no liveness probe is asked, whoever ends them and why."""

from pathlib import Path

import pytest

from supervisor.model.meta import Object
from tests.checks import eventually, shell
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker

STOPS = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
COUNT = "wc -l </tmp/asked >>/notes/counts"


def counting() -> Object:
    """A container that counts its liveness probes before and after a slow preStop."""
    probe = {
        "exec": {"command": ["sh", "-c", "echo x >>/tmp/asked"]},
        "periodSeconds": 1,
    }
    slow = ["sh", "-c", f"{COUNT}; sleep 4; {COUNT}"]
    return shell(
        "main",
        STOPS,
        livenessProbe=probe,
        lifecycle={"preStop": {"exec": {"command": slow}}},
        volumeMounts=[{"name": "notes", "mountPath": "/notes"}],
    )


def run_counting(lab: Lab, folder: Path) -> None:
    """Run it until its first probe has been asked."""
    notes = {"name": "notes", "hostPath": {"path": str(folder), "type": "Directory"}}
    lab.run("main", counting(), volumes=[notes], terminationGracePeriodSeconds=60)
    lab.ready("main")
    eventually(lambda: lab.exec("main", "main", "test", "-f", "/tmp/asked")[0] == 0)


def counts(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "counts").read_text().split()]


def asked_meanwhile(folder: Path) -> int:
    """How many probes were asked during preStop; one may have been under way."""
    eventually(lambda: len(counts(folder)) == 2, within=30)
    before, after = counts(folder)
    return after - before


def test_a_deleted_pod_is_not_asked(lab: Lab, tmp_path: Path) -> None:
    """preStop takes four seconds, the period is one."""
    run_counting(lab, tmp_path)
    lab.delete("main")

    lab.gone("main")
    assert asked_meanwhile(tmp_path) <= 1


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_somebody_else_has_ended_stops_unasked(
    lab: Lab, tmp_path: Path, phase: str
) -> None:
    """Its status says so; hook and signal come as in a deletion."""
    run_counting(lab, tmp_path)
    lab.client.patch(
        "pods",
        "main",
        lab.namespace,
        {"status": {"phase": phase}},
        subresource="status",
    )

    lab.until("main", lambda pod: "terminated" in _state(pod), within=30)
    assert asked_meanwhile(tmp_path) <= 1
    assert lab.pod("main")["status"]["phase"] == phase
    assert lab.restarts("main", "main") == 0


def _state(pod: Object) -> Object:
    state: Object = pod["status"]["containerStatuses"][0]["state"]
    return state

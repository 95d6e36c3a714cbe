"""`docker pause` on our containers: what goes on, and what does not."""

import pytest

from tests.checks import shell
from tests.daemon import engine
from tests.integration.lab import Lab, labels_of

pytestmark = pytest.mark.docker

HOOK = {"preStop": {"exec": {"command": ["true"]}}}


def test_a_paused_pod_is_deleted_long_before_its_grace_is_over(lab: Lab) -> None:
    """Its hook cannot run, which an event tells, and the signal wakes it."""
    script = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
    lab.run("main", shell("main", script, lifecycle=HOOK))
    lab.ready("main")
    lab.running("main", "main").pause()
    lab.delete("main", grace=600)

    lab.told("main", "FailedPreStopHook")
    lab.gone("main")


def test_a_pod_with_a_paused_sandbox_can_be_deleted(lab: Lab) -> None:
    """The sandbox does nothing anyway; the pod runs on without it noticing."""
    lab.run("main", shell("main", "echo here; exec sleep 600"))
    lab.ready("main")
    (sandbox,) = lab.daemon.containers(**labels_of(lab.namespace, "main", "POD"))
    engine().containers.get(sandbox.id).pause()
    assert lab.exec("main", "main", "true")[0] == 0
    lab.delete("main", grace=1)

    lab.gone("main")


def test_what_needs_a_process_says_that_the_container_is_paused(lab: Lab) -> None:
    """exec is refused with the reason; logs are there."""
    lab.run("main", shell("main", "echo here; exec sleep 600"))
    lab.ready("main")
    lab.running("main", "main").pause()
    done = lab.daemon.kubectl(
        "exec", "-n", lab.namespace, "main", "--", "true", check=False
    )

    assert done.returncode != 0
    assert "is paused" in done.stderr
    assert "here" in lab.logs("main", "main")

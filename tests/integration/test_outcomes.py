"""How containers end, and what that makes of their pod under each restart policy."""

import pytest

from tests.checks import eventually, shell
from tests.integration.lab import Lab, ended, reason_of, state_of

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("code", "phase", "reason"),
    [(0, "Succeeded", "Completed"), (3, "Failed", "Error")],
)
def test_a_pod_that_is_never_restarted_ends_with_its_container(
    lab: Lab, code: int, phase: str, reason: str
) -> None:
    """Never: the exit code decides between Succeeded and Failed; nothing runs again."""
    pod = lab.finish("once", shell("main", f"exit {code}"))
    assert pod["status"]["phase"] == phase
    status = state_of(pod, "main")
    assert ended(status) == (reason, code)
    assert status["restartCount"] == 0
    assert not status["ready"]
    assert "lastState" not in status or not status["lastState"]


def test_on_failure_restarts_until_success(lab: Lab) -> None:
    """OnFailure: a failed container runs again, one that succeeded stays."""
    script = "if [ -e /data/seen ]; then exit 0; fi; touch /data/seen; exit 1"
    mount = [{"name": "data", "mountPath": "/data"}]
    pod = lab.finish(
        "retry",
        shell("main", script, volumeMounts=mount),
        shell("other", "exit 0"),
        restartPolicy="OnFailure",
        volumes=[{"name": "data", "emptyDir": {}}],
    )
    assert pod["status"]["phase"] == "Succeeded"
    main = state_of(pod, "main")
    assert main["restartCount"] == 1
    assert main["lastState"]["terminated"]["exitCode"] == 1
    assert state_of(pod, "other")["restartCount"] == 0


def test_always_restarts_even_after_success(lab: Lab) -> None:
    """Always: a container that exits with 0 runs again, and the pod stays Running."""
    lab.run("again", shell("main", "exit 0"))
    pod = lab.until(
        "again",
        lambda p: state_of(p, "main").get("restartCount", 0) >= 1,
        "main was restarted",
    )
    assert pod["status"]["phase"] == "Running"
    last = state_of(pod, "main")["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("Completed", 0)


def test_all_containers_count_for_the_phase(lab: Lab) -> None:
    """Never: the pod runs while one container does, and one failure fails it."""
    lab.run(
        "mixed",
        shell("good", "exit 0"),
        shell("bad", "exit 7"),
        shell("long", "until [ -e /tmp/end ]; do sleep 0.1; done"),
        restartPolicy="Never",
    )
    pod = lab.until(
        "mixed",
        lambda p: (
            reason_of(state_of(p, "good")) == "Completed"
            and reason_of(state_of(p, "bad")) == "Error"
            and state_of(p, "long").get("ready")
        ),
    )
    assert pod["status"]["phase"] == "Running"
    lab.exec("mixed", "long", "touch", "/tmp/end")
    pod = lab.until("mixed", lambda p: p["status"]["phase"] == "Failed")
    assert ended(state_of(pod, "good")) == ("Completed", 0)
    assert ended(state_of(pod, "bad")) == ("Error", 7)
    assert ended(state_of(pod, "long")) == ("Completed", 0)


def test_a_container_over_its_memory_limit_is_oom_killed(lab: Lab) -> None:
    """The kernel's kill shows as OOMKilled with 137."""
    hungry = shell(
        "main",
        "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done",
        resources={"limits": {"memory": "16Mi"}},
    )
    lab.finish("hungry", hungry)
    # The kernel's word may come after the death.
    told = ("OOMKilled", 137)
    pod = lab.until("hungry", lambda p: ended(state_of(p, "main")) == told)
    assert pod["status"]["phase"] == "Failed"


def test_a_missing_program_is_reported_and_retried(lab: Lab) -> None:
    """Always: the engine's words are shown; the pod never gets ready."""
    lab.run("typo", shell("main", "", command=["/no/such/program"]))
    told = lab.told("typo", "Failed", "/no/such/program")
    assert told.startswith("Error:")
    eventually(
        lambda: (
            reason_of(lab.status("typo", "main"))
            in ("RunContainerError", "CrashLoopBackOff")
        )
    )


def test_a_missing_program_fails_a_pod_that_is_never_restarted(lab: Lab) -> None:
    """Never: the start that failed counts as the container's one run."""
    pod = lab.finish("typo", shell("main", "", command=["/no/such/program"]))
    assert pod["status"]["phase"] == "Failed"
    end = state_of(pod, "main")["state"]["terminated"]
    assert end["reason"] in ("ContainerCannotRun", "StartError")
    assert end["exitCode"] in (127, 128)
    assert "/no/such/program" in end["message"]


def test_a_signal_shows_in_the_exit_code(lab: Lab) -> None:
    """A container that dies of SIGTERM's default ends with 143 and Error."""
    # `$$$$` is what reaches the shell as `$$`.
    script = "sh -c 'kill -TERM $$$$'; exit $?"
    pod = lab.finish("struck", shell("main", script))
    assert ended(state_of(pod, "main")) == ("Error", 143)


def test_a_deadline_ends_the_pod(lab: Lab) -> None:
    """activeDeadlineSeconds: containers are killed, the pod fails and says why."""
    pod = lab.finish("late", shell("main", "sleep 600"), activeDeadlineSeconds=1)
    assert pod["status"]["phase"] == "Failed"
    assert pod["status"]["reason"] == "DeadlineExceeded"
    assert "deadline" in pod["status"]["message"]
    eventually(lambda: not _runs(lab, "late"), what="the container is killed")


def _runs(lab: Lab, name: str) -> bool:
    return any(c.status == "running" for c in lab.instances(name, "main"))

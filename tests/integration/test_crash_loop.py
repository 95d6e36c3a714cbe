"""A container that keeps ending: restarts, the growing wait, and what is kept of it."""

import pytest

from supervisor.model.errors import ApiError
from tests.checks import eventually, shell
from tests.integration.lab import Lab, reason_of, state_of

pytestmark = pytest.mark.docker


def test_the_first_restart_is_immediate_and_the_next_one_waits(lab: Lab) -> None:
    """Second run at once; then CrashLoopBackOff with its message, phase Running."""
    lab.run("crash", shell("main", "echo run $(date +%s%N); exit 9"))
    status = lab.waiting("crash", "main", "CrashLoopBackOff")
    pod = lab.pod("crash")
    uid = pod["metadata"]["uid"]

    assert pod["status"]["phase"] == "Running"
    assert status["restartCount"] == 1
    assert not status["ready"]
    assert status["state"]["waiting"]["message"] == (
        "back-off 10s restarting failed container=main "
        f"pod=crash_{lab.namespace}({uid})"
    )
    last = status["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("Error", 9)
    told = lab.told("crash", "BackOff")
    assert told == (
        f"Back-off restarting failed container main in pod crash_{lab.namespace}({uid})"
    )


def test_only_one_dead_instance_is_kept_and_its_log_is_the_previous_one(
    lab: Lab,
) -> None:
    """`logs --previous` is the log of lastState; older instances are removed."""
    lab.run(
        "keep",
        shell(
            "main",
            "echo run >>/data/runs; wc -l </data/runs; [ $(wc -l </data/runs) = 3 ]"
            " && exec sleep 600; exit 1",
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
        ),
        volumes=[{"name": "data", "emptyDir": {}}],
    )
    status = lab.restarted("keep", "main", times=2)

    assert lab.logs("keep", "main").split() == ["3"]
    assert lab.logs("keep", "main", previous="true").split() == ["2"]
    dead = [c for c in lab.instances("keep", "main") if c.status == "exited"]
    last = status["lastState"]["terminated"]
    assert [f"docker://{c.id}" for c in dead] == [last["containerID"]]


def test_there_is_no_previous_log_before_the_first_restart(lab: Lab) -> None:
    """`logs --previous` of a container that runs for the first time is refused."""
    lab.run("fresh", shell("main", "echo hello; sleep 600"))
    lab.ready("fresh")
    with pytest.raises(ApiError) as refused:
        lab.logs("fresh", "main", previous="true")
    assert refused.value.code == 400
    assert str(refused.value) == (
        'previous terminated container "main" in pod "fresh" not found'
    )


def test_a_crash_looping_pod_is_deleted_at_once(lab: Lab) -> None:
    """Waiting for the next start does not hold up a deletion."""
    lab.run("crash", shell("main", "exit 1"))
    lab.waiting("crash", "main", "CrashLoopBackOff")
    lab.delete("crash")
    lab.gone("crash", within=10)


def test_a_crash_of_one_container_leaves_the_others_alone(lab: Lab) -> None:
    """The neighbour keeps its instance and its restart count; the pod is not ready."""
    lab.run("pair", shell("bad", "sleep 0.2; exit 1"), shell("good", "sleep 600"))
    lab.waiting("pair", "bad", "CrashLoopBackOff")
    good = lab.status("pair", "good")
    assert good["restartCount"] == 0
    assert good["ready"]
    assert len(lab.instances("pair", "good")) == 1


def test_a_changed_image_ends_the_wait_and_restarts_in_place(lab: Lab) -> None:
    """A new image is a new container: it starts without waiting for the backoff."""
    lab.run("patched", shell("main", "exit 1"), shell("other", "sleep 600"))
    lab.waiting("patched", "main", "CrashLoopBackOff")
    other = lab.running("patched", "other").id
    tag = "supervisor/busybox:latest"
    lab.patch("patched", {"spec": {"containers": [{"name": "main", "image": tag}]}})
    eventually(lambda: lab.restarts("patched", "main") >= 2, within=8)
    assert lab.running("patched", "other").id == other


def test_a_changed_image_replaces_a_running_container(lab: Lab) -> None:
    """The running container is killed and its successor has the new image."""
    lab.run("patched", shell("main", "exec sleep 600"))
    lab.ready("patched")
    first = lab.running("patched", "main").id
    tag = "supervisor/busybox:latest"
    lab.patch("patched", {"spec": {"containers": [{"name": "main", "image": tag}]}})
    status = lab.restarted("patched", "main")
    assert lab.running("patched", "main").id != first
    assert status["image"] == tag
    assert "definition changed, will be restarted" in lab.told("patched", "Killing")


def test_following_logs_end_when_the_container_does(lab: Lab) -> None:
    """`logs --follow` gives what is written as it is written, to the end."""
    lab.run("talk", shell("main", "for i in 1 2 3; do echo $i; sleep 0.1; done"))
    lab.until("talk", lambda p: reason_of(state_of(p, "main")) != "ContainerCreating")
    eventually(lambda: lab.instances("talk", "main"))
    assert lab.logs("talk", "main", follow="true").split()[:3] == ["1", "2", "3"]

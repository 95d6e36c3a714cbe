"""The daemon dies by SIGKILL, anywhere: containers go on, the next takes them up."""

import signal
import time
from collections import deque
from itertools import count

import pytest

from supervisor.client.base import DeleteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.checks import always, controller_manifest, eventually, ready_pods, shell
from tests.integration.lab import Lab, condition, labels_of, state_of

pytestmark = pytest.mark.docker

READY: Object = {"exec": {"command": ["true"]}, "periodSeconds": 1}
POLITE = "trap 'exit 0' TERM; while :; do sleep 0.05; done"


def kill_and_start(lab: Lab) -> None:
    lab.daemon.stop(signal.SIGKILL)
    lab.daemon.start()


def counts(lab: Lab) -> tuple[int, int]:
    """Running sandboxes and running containers named main."""
    rows = [c for c in lab.daemon.containers() if c.status == "running"]
    kinds = [c.labels["io.kubernetes.container.name"] for c in rows]
    return kinds.count("POD"), kinds.count("main")


def dead(lab: Lab) -> int:
    return sum(c.status != "running" for c in lab.daemon.containers())


def test_a_new_daemon_takes_everything_up_untouched(own_lab: Lab) -> None:
    """Same containers, same counts, and Ready never flickers."""
    lab = own_lab
    lab.run("probed", shell("main", "exec sleep 600", readinessProbe=READY))
    once = "[ -e /x/y ] && exec sleep 600; touch /x/y; exit 1"
    lab.run(
        "crashed",
        shell("main", once, volumeMounts=[{"name": "x", "mountPath": "/x"}]),
        volumes=[{"name": "x", "emptyDir": {}}],
    )
    lab.ready("probed")
    lab.restarted("crashed", "main")
    lab.ready("crashed")
    before = {c.id for c in lab.daemon.containers()}
    since = condition(lab.pod("probed"), "Ready")["lastTransitionTime"]
    version = lab.client.list("pods").resource_version

    kill_and_start(lab)

    for change in lab.client.watch("pods", since=version, timeout=3):
        if change.type != "BOOKMARK":
            assert change.type == "MODIFIED"
            assert condition(change.object, "Ready")["status"] == "True"
    assert {c.id for c in lab.daemon.containers()} == before
    assert condition(lab.pod("probed"), "Ready")["lastTransitionTime"] == since
    assert lab.restarts("probed", "main") == 0
    assert lab.restarts("crashed", "main") == 1


def test_a_crash_loop_goes_on_where_it_was(own_lab: Lab) -> None:
    """Restart count and backoff survive the daemon."""
    lab = own_lab
    lab.run("crash", shell("main", "exit 1"))
    lab.waiting("crash", "main", "CrashLoopBackOff")
    kill_and_start(lab)
    status = lab.waiting("crash", "main", "CrashLoopBackOff")
    assert status["restartCount"] >= 1
    message = status["state"]["waiting"]["message"]
    assert message.startswith("back-off 10s restarting")
    always(lambda: lab.restarts("crash", "main") == 1, during=1)


def test_what_happened_while_no_daemon_ran_is_made_good(own_lab: Lab) -> None:
    """A death, a removal and an end of the time without a daemon are noticed."""
    lab = own_lab
    for name in ("dies", "removed", "stays"):
        lab.run(name, shell("main", "exec sleep 600"))
    lab.run(
        "ends",
        shell("main", "until [ -e /tmp/end ]; do sleep 0.05; done; exit 5"),
        restartPolicy="Never",
    )
    for name in ("dies", "removed", "stays", "ends"):
        lab.ready(name)
    stays = lab.running("stays", "main").id
    lab.daemon.stop(signal.SIGKILL)
    lab.running("dies", "main").kill()
    lab.running("removed", "main").remove(force=True)
    lab.running("ends", "main").exec_run(["touch", "/tmp/end"])
    lab.daemon.start()
    assert lab.restarted("dies", "main")["restartCount"] == 1
    assert lab.restarted("removed", "main")["restartCount"] == 1
    pod = lab.until("ends", lambda p: p["status"]["phase"] == "Failed")
    assert state_of(pod, "main")["state"]["terminated"]["exitCode"] == 5
    assert lab.running("stays", "main").id == stays


@pytest.mark.parametrize("after", [0.0, 0.15, 0.3, 0.5, 0.8])
def test_killed_while_pods_start(own_lab: Lab, after: float) -> None:
    """Each pod runs exactly once in the end, and nothing stillborn is left."""
    lab = own_lab
    for number in range(3):
        lab.run(f"pod-{number}", shell("main", POLITE), shell("other", POLITE))
    time.sleep(after)
    kill_and_start(lab)
    eventually(lambda: len(ready_pods(lab.client, "default")) == 3)
    eventually(lambda: counts(lab) == (3, 3) and dead(lab) == 0, within=10)
    always(lambda: counts(lab) == (3, 3), during=0.5)


@pytest.mark.parametrize("after", [0.0, 0.2, 1.2])
def test_killed_while_pods_are_deleted(own_lab: Lab, after: float) -> None:
    """What was to go goes, to the last volume; what was to stay stays."""
    lab = own_lab
    volumes = [{"name": "data", "emptyDir": {}}]
    mount = [{"name": "data", "mountPath": "/data"}]
    deaf = "trap '' TERM; while :; do sleep 0.05; done"
    for name, script in (("polite", POLITE), ("deaf", deaf), ("stays", POLITE)):
        main = shell("main", script, volumeMounts=mount)
        lab.run(name, main, volumes=volumes, terminationGracePeriodSeconds=2)
    for name in ("polite", "deaf", "stays"):
        lab.ready(name)
    stays = lab.running("stays", "main").id
    lab.delete("polite")
    lab.delete("deaf")
    time.sleep(after)
    kill_and_start(lab)
    lab.gone("polite")
    lab.gone("deaf")
    assert lab.running("stays", "main").id == stays
    eventually(lambda: counts(lab) == (1, 1) and dead(lab) == 0)


@pytest.mark.parametrize("after", [0.1, 1.0])
def test_killed_while_a_container_is_being_killed(own_lab: Lab, after: float) -> None:
    """A restart for a failed probe is carried through once by whoever comes next."""
    lab = own_lab
    probe = {
        "exec": {"command": ["sh", "-c", "[ ! -e /tmp/sick ]"]},
        "periodSeconds": 1,
        "failureThreshold": 1,
        "terminationGracePeriodSeconds": 2,
    }
    deaf = "trap '' TERM; while :; do sleep 0.05; done"
    lab.run("sick", shell("main", deaf, livenessProbe=probe))
    lab.ready("sick")
    first = lab.running("sick", "main").id
    lab.exec("sick", "main", "touch", "/tmp/sick")
    lab.told("sick", "Killing")
    time.sleep(after)
    kill_and_start(lab)
    status = lab.restarted("sick", "main")
    assert status["restartCount"] == 1
    assert status["lastState"]["terminated"]["containerID"] == f"docker://{first}"
    eventually(lambda: counts(lab) == (1, 1))
    always(lambda: lab.restarts("sick", "main") == 1, during=1)


def test_killed_again_and_again_while_a_group_scales(own_lab: Lab) -> None:
    """20 replicas, five SIGKILLs on the way: 20 pods, 20 containers, none twice."""
    lab = own_lab
    body = controller_manifest("group", 20, shell("main", "exec sleep 600"))
    lab.client.create("replicationcontrollers", body, "default")
    for number in range(5):
        time.sleep(0.1 + 0.3 * number)
        kill_and_start(lab)
    eventually(lambda: len(ready_pods(lab.client, "default")) == 20, within=90)
    assert len(lab.client.list("pods", "default").items) == 20
    eventually(lambda: counts(lab) == (20, 20) and dead(lab) == 0, within=20)
    lab.client.delete(
        "replicationcontrollers",
        "group",
        "default",
        DeleteOptions(propagation_policy="Background"),
    )
    time.sleep(0.5)
    kill_and_start(lab)
    eventually(lambda: not lab.client.list("pods", "default").items, within=60)
    eventually(lambda: not lab.daemon.containers(), within=30)


def test_a_forced_deletion_just_before_the_end_is_carried_out(own_lab: Lab) -> None:
    """The object is gone, the daemon too: the next one clears the container away."""
    lab = own_lab
    lab.run("forced", shell("main", "exec sleep 600"), terminationGracePeriodSeconds=5)
    lab.ready("forced")
    lab.delete("forced", grace=0)
    lab.daemon.stop(signal.SIGKILL)
    lab.daemon.start()
    mine = labels_of("default", "forced")
    eventually(lambda: not lab.daemon.containers(**mine), within=30)


def test_nothing_acknowledged_is_lost(own_lab: Lab) -> None:
    """SIGKILL during a storm of writes: whatever was answered is there afterwards."""
    lab = own_lab
    lab.make("configmaps", "counter", data={"n": "0"})
    done: list[str] = []

    def write(number: int) -> None:
        name = f"note-{number}"
        lab.make("configmaps", name, data={"n": str(number)})
        done.append(name)
        lab.patch("counter", {"data": {"n": str(number)}}, "configmaps")

    for number in range(60):
        write(number)
    lab.daemon.process.send_signal(signal.SIGKILL)
    with pytest.raises(ApiError) as refused:
        deque(map(write, count(60)))
    assert refused.value.code == 503
    lab.daemon.process.wait(10)
    lab.daemon.start()
    items = lab.client.list("configmaps", "default").items
    names = {item["metadata"]["name"] for item in items}
    assert set(done) <= names
    counter = lab.client.get("configmaps", "counter", "default")
    assert int(counter["data"]["n"]) in (len(done) - 2, len(done) - 1)

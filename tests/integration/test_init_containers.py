"""Init containers run one by one before the others; sidecars stay beside them."""

import pytest

from supervisor.model.meta import Object
from tests.checks import always, eventually, shell
from tests.integration.lab import Lab, condition, reason_of, state_of

pytestmark = pytest.mark.docker

NOTES = {"volumes": [{"name": "notes", "emptyDir": {}}]}
MOUNT = [{"name": "notes", "mountPath": "/notes"}]


def noting(name: str, script: str, **fields: object) -> Object:
    return shell(name, script, volumeMounts=MOUNT, **fields)


def test_init_containers_run_in_order_before_the_others(lab: Lab) -> None:
    """Each starts when the one before has succeeded; containers come last."""
    text = lab.output(
        "order",
        noting("main", "echo main >>/notes/list; cat /notes/list"),
        initContainers=[
            noting("first", "sleep 0.3; echo first >>/notes/list"),
            noting("second", "echo second >>/notes/list"),
        ],
        **NOTES,
    )
    assert text.split() == ["first", "second", "main"]


def test_a_failed_init_container_fails_a_pod_that_is_never_restarted(lab: Lab) -> None:
    """Never: the pod fails, and its containers were never started."""
    pod = lab.finish(
        "unready",
        shell("main", "exit 0"),
        initContainers=[shell("prepare", "exit 4"), shell("second", "exit 0")],
    )
    assert pod["status"]["phase"] == "Failed"
    assert state_of(pod, "prepare")["state"]["terminated"]["exitCode"] == 4
    assert not lab.instances("unready", "main")
    assert not lab.instances("unready", "second")


def test_a_failed_init_container_is_retried(lab: Lab) -> None:
    """OnFailure: it runs again, with the pod Pending, until it succeeds."""
    script = "[ -e /notes/seen ] || { touch /notes/seen; exit 1; }"
    pod = lab.finish(
        "retried",
        shell("main", "exit 0"),
        restartPolicy="OnFailure",
        initContainers=[noting("prepare", script)],
        **NOTES,
    )
    assert pod["status"]["phase"] == "Succeeded"
    assert state_of(pod, "prepare")["restartCount"] == 1


def test_a_pod_stays_pending_while_its_init_container_loops(lab: Lab) -> None:
    """Phase Pending, Initialized False, containers wait with PodInitializing."""
    lab.run(
        "loop",
        shell("main", "sleep 600"),
        initContainers=[shell("prepare", "exit 1")],
    )
    lab.waiting("loop", "prepare", "CrashLoopBackOff")
    pod = lab.pod("loop")
    assert pod["status"]["phase"] == "Pending"
    assert reason_of(state_of(pod, "main")) == "PodInitializing"
    initialized = condition(pod, "Initialized")
    assert initialized["status"] == "False"
    assert initialized["reason"] == "ContainersNotInitialized"
    assert initialized["message"] == "containers with incomplete status: [prepare]"


def test_init_containers_do_not_run_again_when_a_container_restarts(lab: Lab) -> None:
    """A restart of the main container leaves the work of init containers alone."""
    lab.run(
        "once",
        noting("main", "[ -e /notes/again ] && sleep 600; touch /notes/again; exit 1"),
        initContainers=[noting("prepare", "echo run >>/notes/runs")],
        **NOTES,
    )
    lab.restarted("once", "main")
    assert lab.exec("once", "main", "cat", "/notes/runs") == (0, "run\n")


def sidecar(name: str, script: str, **fields: object) -> Object:
    return noting(name, script, restartPolicy="Always", **fields)


def test_sidecars_start_before_and_stop_after_the_main_container(lab: Lab) -> None:
    """The sidecar has started when main starts, and outlives it."""
    trap = (
        "trap 'echo {0} stops >>/notes/list; exit 0' TERM; echo {0} runs >>/notes/list;"
        " while :; do sleep 0.05; done"
    )
    lab.run(
        "escort",
        noting("main", trap.format("main")),
        initContainers=[
            sidecar(
                "a",
                "sleep 0.5; touch /tmp/up; " + trap.format("a"),
                startupProbe={
                    "exec": {"command": ["test", "-e", "/tmp/up"]},
                    "periodSeconds": 1,
                    "failureThreshold": 30,
                },
            ),
            sidecar("b", trap.format("b")),
            noting("watcher", "echo init >>/notes/list"),
        ],
        terminationGracePeriodSeconds=10,
        volumes=[{"name": "notes", "hostPath": {"path": _folder(lab)}}],
    )
    pod = lab.ready("escort")
    assert state_of(pod, "a")["ready"]
    lab.delete("escort")
    lab.gone("escort")
    lines = lab.output(
        "reader",
        noting("main", "cat /notes/list"),
        volumes=[{"name": "notes", "hostPath": {"path": _folder(lab)}}],
    ).splitlines()
    assert lines.index("a runs") < lines.index("init") < lines.index("main runs")
    assert lines[-3:] == ["main stops", "b stops", "a stops"]


def _folder(lab: Lab) -> str:
    folder = lab.daemon.folder / lab.namespace
    folder.mkdir(exist_ok=True)
    return str(folder)


def test_a_sidecar_does_not_keep_a_pod_from_succeeding(lab: Lab) -> None:
    """When the main container is done the sidecar is stopped and the pod Succeeded."""
    pod = lab.finish(
        "done",
        shell("main", "exit 0"),
        initContainers=[
            shell("aide", "exec sleep 600", restartPolicy="Always"),
        ],
    )
    assert pod["status"]["phase"] == "Succeeded"
    eventually(lambda: all(c.status == "exited" for c in lab.instances("done", "aide")))


def test_a_sidecar_is_restarted_whatever_the_pods_policy(lab: Lab) -> None:
    """A sidecar of a pod with policy Never runs again when it has died."""
    lab.run(
        "loyal",
        shell("main", "sleep 600"),
        restartPolicy="Never",
        initContainers=[
            noting(
                "aide",
                "[ -e /notes/seen ] && exec sleep 600; touch /notes/seen; sleep 0.3",
                restartPolicy="Always",
            ),
        ],
        **NOTES,
    )
    lab.restarted("loyal", "aide")
    always(lambda: lab.restarts("loyal", "main") == 0, during=0.3)

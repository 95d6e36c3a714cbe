"""What the agent may rely on, for the fake engine and for Docker."""

from dataclasses import replace

import pytest

from supervisor.runtime.base import (
    ATTEMPT,
    BACKOFF_STEP,
    MIN_MEMORY_BYTES,
    POD_NAME,
    POD_UID,
    SANDBOX,
    EngineRefused,
    ImagePullFailed,
    NotFound,
    State,
)
from tests.contract.runtime.lab import (
    MISSING,
    FakeLab,
    Lab,
    Listener,
    container,
    eventually,
    new_pod,
    newest,
    see,
    start,
)


def test_info(lab: Lab) -> None:
    """An engine tells who it is and what it has."""
    info = lab.runtime.info()

    assert info.id and info.name and info.version and info.kernel
    assert info.os == "linux"
    assert info.architecture in ("amd64", "arm64")
    assert info.cpus > 0 and info.memory_bytes > 1 << 20


def test_unknown_pod(lab: Lab) -> None:
    """A pod that the engine has nothing of is None, and in no list."""
    assert lab.runtime.pod("no-such-uid") is None
    assert "no-such-uid" not in lab.runtime.pods()


def test_running_pod(lab: Lab) -> None:
    """A started container is seen running in its sandbox, with all its facts."""
    pod = new_pod()
    made = start(lab, pod)

    seen = see(lab, pod)
    app = seen.containers[0]
    assert (seen.uid, seen.name, seen.namespace) == (
        pod.pod_uid,
        pod.pod_name,
        "default",
    )
    assert [s.state for s in seen.sandboxes] == [State.RUNNING]
    assert seen.ip.count(".") == 3
    assert (app.id, app.name, app.state) == (made, "app", State.RUNNING)
    assert app.image == lab.image and app.image_id.startswith("sha256:")
    assert app.sandbox_id == seen.sandboxes[0].id
    assert 0 < app.created_at <= app.started_at
    assert app.finished_at == 0.0
    assert lab.runtime.pods()[pod.pod_uid] == seen


def test_labels(lab: Lab) -> None:
    """A container carries its pod, its attempt, its sandbox and what it was given; so
    does a sandbox, and even a manifest of a megabyte.
    """
    pod = replace(new_pod(), labels={"manifest": "x" * 2**20})
    sandbox_id = lab.runtime.start_sandbox(pod)
    config = container(lab, pod, sandbox_id, attempt=3)
    lab.runtime.create_container(replace(config, labels={BACKOFF_STEP: "2"}))

    labels = newest(lab, pod).labels
    assert labels[POD_NAME] == pod.pod_name
    assert labels[POD_UID] == pod.pod_uid
    assert labels[ATTEMPT] == "3"
    assert labels[SANDBOX] == sandbox_id
    assert labels[BACKOFF_STEP] == "2"
    seen = lab.runtime.pod(pod.pod_uid)
    assert seen is not None
    assert seen.sandboxes[0].labels["manifest"] == "x" * 2**20
    assert seen.sandboxes[0].labels[POD_UID] == pod.pod_uid


def test_created(lab: Lab) -> None:
    """A container that was not started yet is seen as created, and never ran."""
    pod = new_pod()
    lab.runtime.create_container(container(lab, pod, lab.runtime.start_sandbox(pod)))

    seen = newest(lab, pod)
    assert seen.state is State.CREATED
    assert (seen.started_at, seen.finished_at) == (0.0, 0.0)


def test_exit(lab: Lab) -> None:
    """A container that ends by itself keeps its exit code and its times."""
    pod = new_pod()
    start(lab, pod)

    lab.exit(pod, "app", 5)

    seen = newest(lab, pod)
    assert (seen.state, seen.exit_code) == (State.EXITED, 5)
    assert seen.started_at <= seen.finished_at
    assert not seen.oom_killed


def test_order(lab: Lab) -> None:
    """Attempts are seen newest first, and dead ones stay until they are removed."""
    pod = new_pod()
    for attempt in range(3):
        start(lab, pod, attempt=attempt)
        lab.exit(pod, "app", 1)

    assert [c.attempt for c in see(lab, pod).containers] == [2, 1, 0]


def test_stop_obeyed(lab: Lab) -> None:
    """A container that obeys ends with its own code, well within its grace."""
    pod = new_pod()
    made = start(lab, pod)
    lab.obey(pod, "app", 7)

    lab.runtime.stop_container(made, 10)

    assert (newest(lab, pod).state, newest(lab, pod).exit_code) == (State.EXITED, 7)


def test_stop_ignored(lab: Lab) -> None:
    """A container that does not obey is dead with 137 when the grace is over."""
    pod = new_pod()
    made = start(lab, pod)

    lab.runtime.stop_container(made, 0.5)

    assert newest(lab, pod).exit_code == 137


def test_kill(lab: Lab) -> None:
    """A killed container is dead with 137 when the call returns."""
    pod = new_pod()
    made = start(lab, pod)

    lab.runtime.kill_container(made)

    assert (newest(lab, pod).state, newest(lab, pod).exit_code) == (State.EXITED, 137)


def test_stopping_the_stopped(lab: Lab) -> None:
    """Stopping, killing and removing succeed for what is dead, and for what is gone."""
    pod = new_pod()
    made = start(lab, pod)
    sandbox_id = see(lab, pod).sandboxes[0].id
    lab.runtime.kill_container(made)

    for _ in range(2):
        lab.runtime.stop_container(made, 1)
        lab.runtime.kill_container(made)
        lab.runtime.remove_container(made)
        lab.runtime.remove_sandbox(sandbox_id)


def test_remove_running(lab: Lab) -> None:
    """A running container is killed by its removal."""
    pod = new_pod()
    made = start(lab, pod)

    lab.runtime.remove_container(made)

    assert see(lab, pod).containers == ()


def test_start_twice(lab: Lab) -> None:
    """Starting a running container changes nothing."""
    pod = new_pod()
    made = start(lab, pod)
    before = newest(lab, pod)

    lab.runtime.start_container(made)

    assert newest(lab, pod) == before


def test_missing_image(lab: Lab) -> None:
    """A container of an image that is not here is NotFound, and leaves nothing."""
    pod = new_pod()
    config = container(lab, pod, lab.runtime.start_sandbox(pod))

    with pytest.raises(NotFound, match="No such image"):
        lab.runtime.create_container(replace(config, image="no-such-image"))

    assert see(lab, pod).containers == ()


def test_missing_program(lab: Lab) -> None:
    """A refused start raises the engine's text, which stays with the container."""
    pod = new_pod()
    config = container(lab, pod, lab.runtime.start_sandbox(pod))
    made = lab.runtime.create_container(replace(config, command=MISSING))
    if isinstance(lab, FakeLab):
        error = 'exec: "no-such-program": executable file not found in $PATH'
        lab.fake.fail_start(pod.pod_uid, "app", error)

    with pytest.raises(EngineRefused, match="executable file not found"):
        lab.runtime.start_container(made)

    seen = newest(lab, pod)
    assert (seen.state, seen.exit_code, seen.started_at) == (State.CREATED, 127, 0.0)
    assert "no-such-program" in seen.error


def test_dead_sandbox(lab: Lab) -> None:
    """A container cannot start in a dead sandbox, whose pod has no address."""
    pod = new_pod()
    sandbox_id = lab.runtime.start_sandbox(pod)
    made = lab.runtime.create_container(container(lab, pod, sandbox_id))

    lab.runtime.kill_container(sandbox_id)

    with pytest.raises(EngineRefused, match="cannot join network"):
        lab.runtime.start_container(made)
    assert see(lab, pod).ip == ""
    assert see(lab, pod).sandboxes[0].state is State.EXITED


def test_host_network(lab: Lab) -> None:
    """A pod with the host's network has no address of its own, and runs."""
    pod = new_pod(host_network=True)
    start(lab, pod)

    assert see(lab, pod).ip == ""
    assert newest(lab, pod).state is State.RUNNING


def test_events(lab: Lab) -> None:
    """Starts, deaths and removals are told, with the pod and the container."""
    pod = new_pod()
    listener = Listener(lab.runtime)

    made = start(lab, pod)
    lab.exit(pod, "app", 1)
    lab.runtime.remove_container(made)

    eventually(lambda: "destroy" in listener.actions("app"))
    listener.close()
    assert listener.actions("app") == ["start", "die", "destroy"]
    assert "start" in listener.actions("POD")
    assert {e.pod_uid for e in listener.events} >= {pod.pod_uid}
    assert listener.error is None


def test_termination_message(lab: Lab) -> None:
    """Of a dead container's message the end is read, as much as is asked for."""
    pod = new_pod()
    made = start(lab, pod)
    lab.leave(pod, "app", "/dev/termination-log", "it is over")
    lab.exit(pod, "app", 1)

    read = lab.runtime.termination_message
    assert read(made, "/dev/termination-log", 4096) == b"it is over"
    assert read(made, "/dev/termination-log", 4) == b"over"
    assert read(made, "/no/such/file", 4096) == b""
    with pytest.raises(NotFound):
        read("0" * 64, "/dev/termination-log", 4096)


def test_each_attempt_has_its_message(lab: Lab) -> None:
    """The next attempt of a container does not see what the last one left."""
    pod = new_pod()
    first = start(lab, pod)
    lab.leave(pod, "app", "/dev/termination-log", "first")
    lab.exit(pod, "app", 1)
    second = start(lab, pod, attempt=1)
    lab.exit(pod, "app", 1)

    read = lab.runtime.termination_message
    assert read(first, "/dev/termination-log", 4096) == b"first"
    assert read(second, "/dev/termination-log", 4096) == b""


def test_the_least_memory(lab: Lab) -> None:
    """A container can have as little as the contract says, and no less."""
    pod = new_pod()
    least = container(lab, pod, lab.runtime.start_sandbox(pod))

    with pytest.raises(EngineRefused, match=r"[Mm]inimum memory"):
        lab.runtime.create_container(replace(least, memory_bytes=MIN_MEMORY_BYTES - 1))
    made = lab.runtime.create_container(replace(least, memory_bytes=MIN_MEMORY_BYTES))
    lab.runtime.start_container(made)


def test_images(lab: Lab) -> None:
    """An image is found by name and by id, and an unknown one is None."""
    image = lab.runtime.image(lab.image)

    assert image is not None
    assert lab.runtime.image(image.id) == image
    assert image.size_bytes > 0
    assert image.id in [i.id for i in lab.runtime.images()]
    assert lab.runtime.image("no-such-image") is None


def test_failed_pull(lab: Lab) -> None:
    """A pull that fails raises the reason."""
    with pytest.raises(ImagePullFailed, match=r"."):
        lab.runtime.pull("127.0.0.1:1/no-such-image")

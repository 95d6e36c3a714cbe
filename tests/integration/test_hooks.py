"""postStart and preStop: when they run, and what their failures do."""

import time
from pathlib import Path

import pytest

from supervisor.model.meta import Object
from tests.checks import always, eventually, shell
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def on_host(folder: Path) -> list[Object]:
    return [{"name": "notes", "hostPath": {"path": str(folder), "type": "Directory"}}]


MOUNT = [{"name": "notes", "mountPath": "/notes"}]


def hook(kind: str, *command: str) -> Object:
    return {kind: {"exec": {"command": list(command)}}}


def test_the_next_container_waits_for_post_start(lab: Lab, tmp_path: Path) -> None:
    """The hook of the first container is over before the second one starts."""
    script = "sleep 0.5; echo hook >>/notes/list"
    lab.run(
        "ordered",
        shell(
            "first",
            "sleep 600",
            volumeMounts=MOUNT,
            lifecycle=hook("postStart", "sh", "-c", script),
        ),
        shell("second", "echo second >>/notes/list; sleep 600", volumeMounts=MOUNT),
        volumes=on_host(tmp_path),
    )
    lab.ready("ordered")
    list_ = tmp_path / "list"
    eventually(lambda: list_.read_text().split() == ["hook", "second"], within=5)


def test_a_failed_post_start_kills_the_container(lab: Lab) -> None:
    """The container is stopped, the event and the reason say that the hook failed."""
    lab.run(
        "hooked",
        shell("main", "sleep 600", lifecycle=hook("postStart", "false")),
    )
    assert lab.told("hooked", "FailedPostStartHook") == "PostStartHook failed"
    eventually(lambda: lab.restarts("hooked", "main") >= 1)


def test_pre_stop_runs_before_the_signal(lab: Lab, tmp_path: Path) -> None:
    """On deletion the hook comes first, then SIGTERM."""
    lab.run(
        "leaving",
        shell(
            "main",
            "trap 'echo term >>/notes/list; exit 0' TERM; while :; do sleep 0.05; done",
            volumeMounts=MOUNT,
            lifecycle=hook("preStop", "sh", "-c", "echo hook >>/notes/list; sleep 0.3"),
        ),
        volumes=on_host(tmp_path),
        terminationGracePeriodSeconds=10,
    )
    lab.ready("leaving")
    lab.delete("leaving")
    lab.gone("leaving", within=9)
    assert (tmp_path / "list").read_text().split() == ["hook", "term"]


def test_a_long_pre_stop_is_cut_by_the_grace(lab: Lab) -> None:
    """The hook shares the pod's grace, and cannot hold up the end."""
    lab.run(
        "stubborn",
        shell("main", "exec sleep 600", lifecycle=hook("preStop", "sleep", "60")),
        terminationGracePeriodSeconds=1,
    )
    lab.ready("stubborn")
    began = time.monotonic()
    lab.delete("stubborn")
    lab.gone("stubborn", within=15)
    assert time.monotonic() - began >= 1


def test_a_failed_pre_stop_is_only_told(lab: Lab) -> None:
    """FailedPreStopHook is an event; the pod goes all the same."""
    lab.run(
        "clumsy",
        shell("main", "sleep 600", lifecycle=hook("preStop", "/no/such/thing")),
    )
    lab.ready("clumsy")
    lab.delete("clumsy")
    lab.told("clumsy", "FailedPreStopHook")
    lab.gone("clumsy")


def test_pre_stop_runs_before_a_restart_for_a_failed_probe(
    lab: Lab, tmp_path: Path
) -> None:
    """A kill by the liveness probe calls the hook as a deletion does."""
    lab.run(
        "probed",
        shell(
            "main",
            "exec sleep 600",
            volumeMounts=MOUNT,
            lifecycle=hook("preStop", "sh", "-c", "echo hook >>/notes/list"),
            livenessProbe={
                "exec": {"command": ["false"]},
                "periodSeconds": 1,
                "failureThreshold": 1,
                "initialDelaySeconds": 1,
            },
        ),
        volumes=on_host(tmp_path),
    )
    lab.restarted("probed", "main")
    assert (tmp_path / "list").read_text().split()[0] == "hook"


def test_a_hook_can_be_an_http_request(lab: Lab, tmp_path: Path) -> None:
    """httpGet: the request arrives at the container's own port."""
    script = (
        "while :; do { printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'; sleep 0.1; } |"
        " nc -l -p 8000 >>/notes/requests; done"
    )
    lab.run(
        "called",
        shell(
            "main",
            script,
            volumeMounts=MOUNT,
            ports=[{"name": "web", "containerPort": 8000}],
            lifecycle={"preStop": {"httpGet": {"path": "/bye", "port": "web"}}},
        ),
        volumes=on_host(tmp_path),
        terminationGracePeriodSeconds=3,
    )
    lab.ready("called")
    lab.delete("called")
    lab.gone("called")
    assert "GET /bye HTTP/1.1" in (tmp_path / "requests").read_text()


def test_a_hook_can_simply_wait(lab: Lab) -> None:
    """sleep: the container runs on for the time given."""
    lab.run(
        "patient",
        shell(
            "main",
            "trap 'exit 0' TERM; while :; do sleep 0.05; done",
            lifecycle={"preStop": {"sleep": {"seconds": 2}}},
        ),
        terminationGracePeriodSeconds=10,
    )
    lab.ready("patient")
    lab.delete("patient")
    always(lambda: lab.instances("patient", "main"), during=1)
    lab.gone("patient", within=8)

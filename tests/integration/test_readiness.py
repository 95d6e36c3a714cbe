"""Readiness and startup probes: when a container counts, and what waits for that."""

import pytest

from supervisor.model import times
from supervisor.model.meta import Object
from tests.checks import always, controller_manifest, eventually, is_ready, shell
from tests.integration.lab import Lab, condition, state_of

pytestmark = pytest.mark.docker


def there(path: str, **fields: object) -> Object:
    """A probe that succeeds while a file exists."""
    probe: Object = {"exec": {"command": ["test", "-e", path]}, "periodSeconds": 1}
    return probe | {"failureThreshold": 1, "timeoutSeconds": 20} | fields


def test_readiness_comes_and_goes_without_restarts(lab: Lab) -> None:
    """The probe decides about Ready in both directions, and never kills."""
    lab.run("door", shell("main", "exec sleep 600", readinessProbe=there("/tmp/open")))
    container = lab.running("door", "main").id
    always(lambda: not is_ready(lab.pod("door")), during=1)
    ready = condition(lab.pod("door"), "Ready")
    assert ready["reason"] == "ContainersNotReady"
    assert ready["message"] == "containers with unready status: [main]"

    lab.exec("door", "main", "touch", "/tmp/open")
    lab.ready("door", within=5)
    lab.exec("door", "main", "rm", "/tmp/open")
    lab.until("door", lambda p: not is_ready(p), within=5)

    assert lab.told("door", "Unhealthy").startswith("Readiness probe failed:")
    assert lab.running("door", "main").id == container
    assert lab.restarts("door", "main") == 0


def test_success_threshold_counts_successes(lab: Lab) -> None:
    """successThreshold 3: two successes are not enough, the third one is."""
    script = "[ -e /tmp/open ] && echo success >>/tmp/list"
    probe = there("", successThreshold=3) | {"exec": {"command": ["sh", "-c", script]}}
    lab.run("slow", shell("main", "exec sleep 600", readinessProbe=probe))
    lab.running("slow", "main")
    always(lambda: not is_ready(lab.pod("slow")), during=1)
    lab.exec("slow", "main", "touch", "/tmp/open")
    ready = condition(lab.ready("slow"), "Ready")["lastTransitionTime"]
    first = lab.exec("slow", "main", "stat", "-c", "%Z", "/tmp/open")[1]
    # Whole seconds on both sides: two periods show as one second at least.
    assert times.to_seconds(ready) - int(first) >= 1
    assert len(lab.exec("slow", "main", "cat", "/tmp/list")[1].split()) >= 3


def test_readiness_by_tcp_waits_for_the_listener(lab: Lab) -> None:
    """A port that opens late makes the pod ready late."""
    probe = {"tcpSocket": {"port": "web"}, "periodSeconds": 1}
    script = "until [ -e /tmp/go ]; do sleep 0.1; done; exec httpd -f -p 8000 -h /etc"
    lab.run(
        "late",
        shell(
            "main",
            script,
            readinessProbe=probe,
            ports=[{"name": "web", "containerPort": 8000}],
        ),
    )
    lab.running("late", "main")
    always(lambda: not is_ready(lab.pod("late")), during=1)
    lab.exec("late", "main", "touch", "/tmp/go")
    lab.ready("late", within=6)


def test_a_restarted_container_must_prove_itself_again(lab: Lab) -> None:
    """The new instance is not ready before its own success."""
    probe = there("/tmp/open")
    script = "until [ -e /tmp/end ]; do sleep 0.1; done; exit 1"
    lab.run("again", shell("main", script, readinessProbe=probe))
    lab.running("again", "main")
    lab.exec("again", "main", "touch", "/tmp/open")
    lab.ready("again")
    lab.exec("again", "main", "touch", "/tmp/end")
    status = lab.restarted("again", "main")
    assert status["started"]
    assert not status["ready"]


def test_startup_holds_liveness_and_readiness_off(lab: Lab) -> None:
    """Until the startup probe has passed, a failing liveness probe kills nothing."""
    lab.run(
        "starter",
        shell(
            "main",
            "exec sleep 600",
            startupProbe=there("/tmp/up", failureThreshold=60),
            livenessProbe=there("/tmp/alive"),
            readinessProbe=there("/tmp/up"),
        ),
    )
    lab.running("starter", "main")
    always(lambda: lab.restarts("starter", "main") == 0, during=2.5)
    status = lab.status("starter", "main")
    assert not status["started"]
    assert not status["ready"]
    told = [text for reason, text in lab.events("starter") if reason == "Unhealthy"]
    assert all(text.startswith("Startup probe failed:") for text in told)

    lab.exec("starter", "main", "touch", "/tmp/alive")
    lab.exec("starter", "main", "touch", "/tmp/up")
    lab.ready("starter", within=5)
    lab.exec("starter", "main", "rm", "/tmp/alive")
    lab.restarted("starter", "main")


def test_a_failing_startup_probe_restarts_the_container(lab: Lab) -> None:
    """Past its threshold the startup probe kills, and says that it was it."""
    probe = there("/tmp/never", failureThreshold=2)
    lab.run("stuck", shell("main", "exec sleep 600", startupProbe=probe))
    lab.restarted("stuck", "main")
    assert lab.told("stuck", "Killing") == (
        "Container main failed startup probe, will be restarted"
    )


def test_all_containers_must_be_ready(lab: Lab) -> None:
    """One container that is not ready keeps the pod from being ready."""
    lab.run(
        "pair",
        shell("good", "exec sleep 600"),
        shell("bad", "exec sleep 600", readinessProbe=there("/tmp/open")),
    )
    pod = lab.until("pair", lambda p: state_of(p, "good").get("ready"))
    assert not is_ready(pod)
    lab.running("pair", "bad")
    lab.exec("pair", "bad", "touch", "/tmp/open")
    lab.ready("pair", within=5)


def test_readiness_shows_in_the_controllers_count(lab: Lab) -> None:
    """readyReplicas follows the probes; replicas does not."""
    probe = there("/tmp/open")
    main = shell("main", "exec sleep 600", readinessProbe=probe)
    body = controller_manifest("group", 2, main)
    lab.client.create("replicationcontrollers", body, lab.namespace)

    def counts() -> tuple[int, int]:
        status = lab.client.get("replicationcontrollers", "group", lab.namespace)
        found = status["status"]
        return found.get("replicas", 0), found.get("readyReplicas", 0)

    eventually(lambda: counts() == (2, 0))
    pods = [p["metadata"]["name"] for p in lab.client.list("pods", lab.namespace).items]
    for name in pods:
        lab.running(name, "main")
        lab.exec(name, "main", "touch", "/tmp/open")
    eventually(lambda: counts() == (2, 2), within=10)
    lab.exec(pods[0], "main", "rm", "/tmp/open")
    eventually(lambda: counts() == (2, 1), within=10)

"""Pods that run, crash, and are deleted: what users see of it."""

from tests.fakes.agent import Node


def test_a_pod_that_is_bound_here_runs(node: Node) -> None:
    """Its status tells phase, addresses, conditions and the container's life."""
    node.run("web")

    status = node.pod("web")["status"]
    assert status["phase"] == "Running"
    assert status["hostIP"] == "192.0.2.7"
    assert status["podIP"] and status["podIPs"] == [{"ip": status["podIP"]}]
    assert node.condition("web", "Ready") == "True"
    app = node.status("web")
    assert app["ready"] and app["started"] and app["restartCount"] == 0
    assert app["containerID"].startswith("docker://")
    assert node.events() == [
        'Container image "img:1" already present on machine',
        "Created container: app",
        "Started container app",
    ]


def test_a_pod_that_has_ended_keeps_its_addresses(node: Node) -> None:
    """Also when a new agent reports it."""
    node.run("web", restartPolicy="Never")
    kept = ("podIP", "podIPs", "hostIP", "startTime")
    before = {name: node.pod("web")["status"][name] for name in kept}

    node.exit("web", code=0)
    node.advance(10)
    node.restart()
    node.advance(30)

    status = node.pod("web")["status"]
    assert status["phase"] == "Succeeded"
    assert {name: status.get(name) for name in kept} == before


def test_an_instantly_dying_container_starts_at_the_known_instants(node: Node) -> None:
    """Starts at 0, 0, 10, 30, 70, 150, 310 and 610 seconds, as in Kubernetes."""
    node.run("web")
    while len(node.starts("web")) < 8:
        node.exit("web")
        while not node.runtime.running("web"):
            node.advance(1)

    assert node.starts("web") == [0, 0, 10, 30, 70, 150, 310, 610]
    assert node.status("web")["restartCount"] == 7


def test_a_crash_loop_says_how_long_it_waits(node: Node) -> None:
    """The container waits as CrashLoopBackOff; its last end is in lastState."""
    uid = node.run("web")
    node.exit("web")
    node.exit("web", code=3)

    app = node.status("web")
    assert app["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": "back-off 10s restarting failed container=app "
        f"pod=web_default({uid})",
    }
    assert app["lastState"]["terminated"]["exitCode"] == 3
    assert app["lastState"]["terminated"]["reason"] == "Error"
    assert node.pod("web")["status"]["phase"] == "Running"
    assert node.condition("web", "Ready") == "False"
    assert node.events("BackOff") == [
        f"Back-off restarting failed container app in pod web_default({uid})"
    ]


def test_one_dead_container_is_kept_for_its_logs(node: Node) -> None:
    """However often it restarts, exactly one dead instance remains."""
    node.run("web")
    for _ in range(3):
        node.exit("web")
        node.advance(60)

    seen = node.seen("web")
    assert seen is not None
    assert [c.attempt for c in seen.containers] == [3, 2]


def test_a_deleted_pod_stops_and_then_its_object_goes(node: Node) -> None:
    """Nothing of it is left, neither in the API nor on the engine."""
    node.run("web", volumes=[{"name": "data", "emptyDir": {}}])
    node.delete("web")

    assert not node.exists("web")
    assert node.seen("web") is None
    assert node.runtime.volumes == set()
    assert node.events("Killing") == ["Stopping container app"]


def test_a_forced_deletion_cleans_up_behind_the_object(node: Node) -> None:
    """The object is gone at once; the containers follow."""
    node.run("web")
    node.delete("web", grace=0)

    assert not node.exists("web")
    assert node.seen("web") is None


def test_a_pod_deleted_while_nobody_looked_is_cleared_away(node: Node) -> None:
    """A new agent finds containers that no pod wants, and removes them."""
    node.run("web")
    node.api.delete("pods", "web", "default", None)
    node.restart()
    node.settle()

    assert node.seen("web") is None


def test_a_new_agent_adopts_what_runs(node: Node) -> None:
    """No container is touched, nothing restarts, and Ready does not flap."""
    probe = {"exec": {"command": ["true"]}, "periodSeconds": 60}
    node.run("web", {"name": "app", "readinessProbe": probe, "startupProbe": probe})
    node.advance(70)
    assert node.condition("web", "Ready") == "True"
    calls = list(node.runtime.calls)
    node.asker.hanging = True

    node.restart()
    node.advance(40)

    assert node.runtime.calls == calls
    assert node.condition("web", "Ready") == "True"


def test_a_container_removed_behind_our_back_is_replaced(node: Node) -> None:
    """The restart count goes on from what the status knew."""
    node.run("web")
    node.exit("web")
    node.runtime.vanish("web", "app")
    node.runtime.vanish("web", "app")
    node.wake()

    assert node.status("web")["restartCount"] == 2
    assert node.runtime.running("web") == ["app"]


def test_a_dead_sandbox_is_replaced_with_all_its_containers(node: Node) -> None:
    """Containers without a network are useless, so they start anew."""
    node.run("web")
    node.runtime.exit("web", "POD")
    node.wake()

    assert node.runtime.running("web") == ["app"]
    assert node.status("web")["restartCount"] == 1
    assert node.events("SandboxChanged") == [
        "Pod sandbox changed, it will be killed and re-created."
    ]


def test_nothing_is_concluded_while_the_engine_is_away(node: Node) -> None:
    """Statuses stay as they were, and all goes on when it is back."""
    node.run("web")
    node.runtime.unavailable = True
    node.agent.wake(node.pod("web")["metadata"]["uid"])
    node.agent.workers.pool.controller.step()
    node.agent.reporter.controller.step()
    assert node.condition("web", "Ready") == "True"

    node.runtime.unavailable = False
    node.exit("web")

    assert node.status("web")["restartCount"] == 1


def test_the_end_of_a_deadline_is_an_event(node: Node) -> None:
    """Once, in the words of the status."""
    node.run("web", activeDeadlineSeconds=60, terminationGracePeriodSeconds=1)

    node.advance(120)
    node.wake()

    status = node.pod("web")["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert node.events("DeadlineExceeded") == [status["message"]]

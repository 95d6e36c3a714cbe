"""What probes do to containers, over time."""

from supervisor.probing.base import Attempt, Outcome
from tests.fakes.agent import Node
from tests.fakes.asker import WELL

FAILED = Attempt(Outcome.FAILURE, "HTTP probe failed with statuscode: 500")
HTTP = {"httpGet": {"path": "/", "port": 8080}}
EXEC = {"exec": {"command": ["true"]}}


def unhealthy(node: Node, lives: int) -> None:
    """The book's kubia-unhealthy: five good answers, then none, deaf to SIGTERM."""
    node.runtime.deaf.add("app")
    node.asker.script["app"] += ([WELL] * 5 + [FAILED] * 3) * lives


def test_the_books_unhealthy_container_is_restarted_after_100_seconds(
    node: Node,
) -> None:
    """Failures at 50, 60 and 70 s; SIGTERM, then SIGKILL at 100 s, and a new start."""
    unhealthy(node, lives=1)
    node.run("web", {"name": "app", "livenessProbe": HTTP})
    node.advance(69)
    assert node.starts("web") == [0]
    node.advance(1)

    assert node.starts("web") == [0, 100]
    app = node.status("web")
    assert app["restartCount"] == 1
    ended = app["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "Error")
    assert "running" in app["state"]
    assert node.events("Killing") == [
        "Container app failed liveness probe, will be restarted"
    ]
    assert node.events("Unhealthy") == [f"Liveness probe failed: {FAILED.output}"]


def test_probe_kills_enter_the_backoff_only_when_it_outgrows_a_life(
    node: Node,
) -> None:
    """Six restarts at once, then waits of 160 and 300 s, alternating with none."""
    unhealthy(node, lives=12)
    node.run("web", {"name": "app", "livenessProbe": HTTP})
    while len(node.starts("web")) < 12:
        node.advance(10)

    assert node.waits("web") == [0, 0, 0, 0, 0, 0, 160, 300, 0, 300, 0]


def test_an_unready_container_is_not_killed(node: Node) -> None:
    """A failing readiness probe takes Ready away, and nothing else."""
    node.run("web", {"name": "app", "readinessProbe": EXEC})
    node.advance(1)
    assert node.condition("web", "Ready") == "True"

    node.asker.script["app"] += [FAILED] * 3
    node.advance(30)

    assert node.condition("web", "Ready") == "False"
    assert node.condition("web", "ContainersReady") == "False"
    assert node.starts("web") == [0]


def test_a_failed_startup_probe_kills(node: Node) -> None:
    """A container that never starts up is restarted like one that is not alive."""
    node.asker.script["app"] += [FAILED] * 3
    node.run("web", {"name": "app", "startupProbe": EXEC})
    node.advance(25)

    assert node.starts("web") == [0, 20]
    assert node.events("Killing") == [
        "Container app failed startup probe, will be restarted"
    ]


def test_the_probes_grace_shortens_the_kill(node: Node) -> None:
    """A probe's own terminationGracePeriodSeconds replaces the pod's."""
    unhealthy(node, lives=1)
    probe = {**HTTP, "terminationGracePeriodSeconds": 5}
    node.run("web", {"name": "app", "livenessProbe": probe})
    node.advance(71)

    assert node.starts("web") == [0, 75]


def test_under_never_a_probe_kill_ends_the_pod(node: Node) -> None:
    """The pod is Failed, and nothing starts again."""
    node.asker.script["app"] += [FAILED] * 3
    node.run("web", {"name": "app", "livenessProbe": EXEC}, restartPolicy="Never")
    node.advance(60)

    assert node.pod("web")["status"]["phase"] == "Failed"
    assert node.starts("web") == [0]


def test_a_pod_that_is_deleted_is_not_killed_for_its_liveness(node: Node) -> None:
    """Only readiness is asked while a pod stops."""
    node.runtime.deaf.add("app")
    node.run("web", {"name": "app", "livenessProbe": EXEC})
    node.asker.script["app"] += [FAILED] * 5
    node.delete("web")

    assert node.events("Killing") == ["Stopping container app"]
    assert not node.exists("web")

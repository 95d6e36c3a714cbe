"""Init containers and sidecars: order, retries, and how they stop."""

from tests.fakes.agent import Node

ONE, TWO = {"name": "one"}, {"name": "two"}
SIDE = {"name": "side", "restartPolicy": "Always"}


def test_init_containers_run_one_by_one(node: Node) -> None:
    """Each starts when the one before has ended well; the app comes last."""
    node.run("web", initContainers=[ONE, TWO])
    assert node.runtime.running("web") == ["one"]
    assert node.status("web")["state"]["waiting"]["reason"] == "PodInitializing"
    assert node.condition("web", "Initialized") == "False"

    node.exit("web", "one", code=0)
    assert node.runtime.running("web") == ["two"]
    assert node.pod("web")["status"]["phase"] == "Pending"

    node.exit("web", "two", code=0)
    assert node.runtime.running("web") == ["app"]
    assert node.condition("web", "Initialized") == "True"
    assert node.pod("web")["status"]["phase"] == "Running"


def test_a_failed_init_container_is_tried_again(node: Node) -> None:
    """With the crash backoff; the pod stays Pending."""
    node.run("web", initContainers=[ONE])
    node.exit("web", "one")
    node.exit("web", "one")
    assert node.pod("web")["status"]["phase"] == "Pending"
    waiting = node.status("web", "one")["state"]["waiting"]
    assert waiting["reason"] == "CrashLoopBackOff"

    node.advance(10)

    assert node.starts("web", "one") == [0, 0, 10]


def test_under_never_a_failed_init_container_ends_the_pod(node: Node) -> None:
    """The pod is Failed, and the app never starts."""
    node.run("web", initContainers=[ONE], restartPolicy="Never")
    node.exit("web", "one")

    assert node.pod("web")["status"]["phase"] == "Failed"
    assert node.starts("web") == []


def test_init_containers_do_not_run_again_with_the_app(node: Node) -> None:
    """A crash of the app restarts the app alone, for a new agent too."""
    node.run("web", initContainers=[ONE])
    node.exit("web", "one", code=0)
    node.exit("web")
    node.restart()
    node.exit("web")
    node.advance(10)

    assert node.starts("web", "one") == [0]
    assert len(node.starts("web")) == 3


def test_a_new_sandbox_runs_them_all_again(node: Node) -> None:
    """A pod whose network is new is initialised anew."""
    node.run("web", initContainers=[ONE])
    node.exit("web", "one", code=0)
    node.runtime.exit("web", "POD")
    node.wake()
    assert node.runtime.running("web") == ["one"]

    node.exit("web", "one", code=0)

    assert node.runtime.running("web") == ["app"]


def test_a_sidecar_lets_the_next_start_once_it_has_started(node: Node) -> None:
    """Its startup probe opens the gate, and it goes on beside the app."""
    probe = {"exec": {"command": ["true"]}, "initialDelaySeconds": 5}
    node.run("web", initContainers=[{**SIDE, "startupProbe": probe}])
    assert node.runtime.running("web") == ["side"]

    node.advance(11)

    assert node.runtime.running("web") == ["side", "app"]
    assert node.status("web", "side")["ready"]


def test_a_sidecar_is_kept_running_whatever_the_policy(node: Node) -> None:
    """It restarts under Never too, while the app runs."""
    node.run("web", initContainers=[SIDE], restartPolicy="Never")
    node.exit("web", "side", code=0)

    assert sorted(node.runtime.running("web")) == ["app", "side"]
    assert node.status("web", "side")["restartCount"] == 1


def test_a_sidecar_ends_with_the_app(node: Node) -> None:
    """When the app is done the sidecar is stopped, and has no say in the outcome."""
    node.run("web", initContainers=[SIDE], restartPolicy="Never")
    node.exit("web", code=0)

    assert node.runtime.running("web") == []
    assert node.pod("web")["status"]["phase"] == "Succeeded"


def test_sidecars_stop_after_the_app_and_last_one_first(node: Node) -> None:
    """They share what is left of the grace."""
    other = {"name": "other", "restartPolicy": "Always"}
    node.runtime.deaf.update(("app", "side", "other"))
    node.run("web", initContainers=[SIDE, other], terminationGracePeriodSeconds=20)
    node.delete("web")

    stops = [c for c in node.runtime.calls if c[0] == "stop_container"]
    assert [name.split("-")[1] for _, name, _ in stops] == ["app", "other", "side"]
    assert [grace for _, _, grace in stops] == [20, 2, 2]
    assert not node.exists("web")

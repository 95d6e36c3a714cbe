"""Images: when the registry is asked, and what a failed pull looks like."""

from tests.fakes.agent import Node

SILENT = 'Get "https://registry.example/v2/": dial tcp: i/o timeout'


def pulls(node: Node) -> list[str]:
    return [call[1] for call in node.runtime.calls if call[0] == "pull"]


def waiting(node: Node, pod: str = "web") -> str:
    return str(node.status(pod)["state"].get("waiting", {}).get("reason"))


def test_a_missing_image_is_pulled(node: Node) -> None:
    """IfNotPresent asks the registry for what is not here, once."""
    node.runtime.registry.add("app:2")
    node.run("web", {"name": "app", "image": "app:2"})
    node.exit("web")

    assert pulls(node) == ["app:2"]
    assert node.runtime.running("web") == ["app"]
    assert 'Pulling image "app:2"' in node.events("Pulling")
    assert "Successfully pulled image" in node.events("Pulled")[0]


def test_a_failed_pull_is_tried_again_with_growing_pauses(node: Node) -> None:
    """ErrImagePull first, then ImagePullBackOff, then the next try after 10 s, 20 s…"""
    node.run("web", {"name": "app", "image": "app:2"})
    assert waiting(node) == "ErrImagePull"
    assert pulls(node) == ["app:2"]

    node.advance(6)
    assert waiting(node) == "ImagePullBackOff"
    message = node.status("web")["state"]["waiting"]["message"]
    assert message.startswith('Back-off pulling image "app:2": ErrImagePull: ')

    node.advance(4)
    assert len(pulls(node)) == 2
    node.advance(19)
    assert len(pulls(node)) == 2
    node.runtime.registry.add("app:2")
    node.advance(1)
    assert node.runtime.running("web") == ["app"]


def test_an_image_that_must_not_be_pulled(node: Node) -> None:
    """Never uses what is here and says so when it is not."""
    spec = {"name": "app", "image": "app:2", "imagePullPolicy": "Never"}
    node.run("web", spec)

    assert waiting(node) == "ErrImageNeverPull"
    assert pulls(node) == []

    node.runtime.add_image("app:2")
    node.advance(10)
    assert node.runtime.running("web") == ["app"]


def test_an_implied_always_does_without_the_registry(node: Node) -> None:
    """The image that is here is used, with a warning, when the pull fails."""
    node.runtime.add_image("app:latest")
    node.runtime.fail_pull("app", SILENT)
    node.run("web", {"name": "app", "image": "app"})

    assert node.runtime.running("web") == ["app"]
    assert node.events("UsingLocalImage") == [
        'Using the image "app" that is present on machine instead'
    ]


def test_a_registry_that_was_silent_is_left_in_peace(node: Node) -> None:
    """The next pod that can do without it does not wait for it."""
    node.runtime.add_image("app:latest")
    node.runtime.fail_pull("app", SILENT)
    node.run("web", {"name": "app", "image": "app"})
    node.run("other", {"name": "app", "image": "app"})
    assert len(pulls(node)) == 1

    node.advance(301)
    node.run("third", {"name": "app", "image": "app"})
    assert len(pulls(node)) == 2


def test_a_restart_does_not_wait_for_a_registry(node: Node) -> None:
    """An implied Always asks when the pod starts, not when it restarts."""
    node.runtime.add_image("app:latest")
    node.runtime.registry.add("app")
    node.run("web", {"name": "app", "image": "app"})
    node.exit("web")

    assert len(pulls(node)) == 1
    assert node.status("web")["restartCount"] == 1


def test_a_strict_always_asks_at_each_start_and_fails_without(node: Node) -> None:
    """The annotation makes Always what it is in Kubernetes."""
    node.runtime.add_image("app:latest")
    node.runtime.registry.add("app")
    strict = {"annotations": {"supervisor.io/strict-pull": "app"}}
    node.run("web", {"name": "app", "image": "app"}, metadata=strict)
    node.runtime.fail_pull("app", SILENT)
    node.exit("web")

    assert len(pulls(node)) == 2
    assert waiting(node) == "ErrImagePull"


def test_an_image_removed_behind_our_back_is_pulled_again(node: Node) -> None:
    """What was seen on the engine is not believed for ever."""
    node.run("web")
    node.runtime.registry.add("img:1")
    node.runtime.forget_image("img:1")
    node.exit("web")
    node.advance(2)

    assert node.runtime.running("web") == ["app"]


def test_a_malformed_name_is_named(node: Node) -> None:
    """The container waits with InvalidImageName."""
    node.run("web", {"name": "app", "image": "Not A Name"})

    assert waiting(node) == "InvalidImageName"

"""Registries that do not answer, as the node shows them, and its images."""

from supervisor.model.images import MAX_IMAGES, UNREACHABLE_REGISTRIES
from tests.fakes.agent import NODE, Node

SILENT = 'Get "https://registry.example/v2/": dial tcp: i/o timeout'
DENIED = "pull access denied"


def shown(node: Node) -> str | None:
    """The node's silent registries, after a heartbeat."""
    node.agent.node.wake()
    node.agent.node.controller.step()
    meta = node.api.get("nodes", NODE)["metadata"]
    found = meta.get("annotations", {}).get(UNREACHABLE_REGISTRIES)
    return None if found is None else str(found)


def fail(node: Node, image: str, error: str, pod: str = "web") -> None:
    node.runtime.fail_pull(image, error)
    node.run(pod, {"name": "app", "image": image})


def test_a_silent_registry_is_shown_on_the_node_for_five_minutes(node: Node) -> None:
    """The scheduler reads it there; afterwards the registry is asked again."""
    fail(node, "luksa/kubia:1", SILENT)
    assert shown(node) == "docker.io"

    node.delete("web", grace=0)
    node.advance(301)
    assert shown(node) is None


def test_silent_registries_are_listed_by_name(node: Node) -> None:
    """Each once, by its host."""
    fail(node, "luksa/kubia:1", SILENT, "a")
    fail(node, "docker.io/luksa/kubia:2", SILENT, "b")
    fail(node, "quay.example/kubia:1", SILENT, "c")

    assert shown(node) == "docker.io,quay.example"


def test_a_registry_that_refuses_is_not_silent(node: Node) -> None:
    """It has answered."""
    fail(node, "luksa/kubia:1", DENIED)

    assert shown(node) is None


def test_a_pull_that_succeeds_ends_the_silence(node: Node) -> None:
    """The registry is there again for everybody."""
    fail(node, "luksa/kubia:1", SILENT)
    assert shown(node) == "docker.io"

    node.runtime.registry.add("luksa/other:1")
    node.run("other", {"name": "app", "image": "luksa/other:1"})

    assert shown(node) is None


def test_a_node_lists_all_its_images(node: Node) -> None:
    """With all their names, far beyond upstream's fifty."""
    for number in range(80):
        node.runtime.add_image(f"app:{number}")
    shown(node)

    images = node.api.get("nodes", NODE)["status"]["images"]

    names = {name for image in images for name in image["names"]}
    assert {f"app:{number}" for number in range(80)} <= names
    assert len(images) < MAX_IMAGES

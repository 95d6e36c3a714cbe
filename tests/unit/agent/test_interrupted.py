"""An agent that dies at any effect leaves nothing that its successor cannot finish."""

import contextlib
from collections.abc import Callable

import pytest

from supervisor.client.base import PatchType
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import State
from tests.fakes.agent import AgentDied, Node

EXEC = {"exec": {"command": ["true"]}}
MAX_EFFECTS = 14


def start(node: Node) -> None:
    node.run(
        "web",
        {"name": "a"},
        {"name": "b"},
        initContainers=[{"name": "side", "restartPolicy": "Always"}],
        volumes=[{"name": "data", "emptyDir": {}}],
    )


def crash(node: Node) -> None:
    node.exit("web", "app")


def kill_for_liveness(node: Node) -> None:
    node.asker.script["app"] += [Attempt(Outcome.FAILURE)] * 3
    node.advance(40)


def lose_sandbox(node: Node) -> None:
    node.runtime.exit("web", "POD")
    node.wake()


def change_image(node: Node) -> None:
    node.runtime.add_image("img:2")
    patch = {"spec": {"containers": [{"name": "app", "image": "img:2"}]}}
    node.api.patch("pods", "web", "default", patch, PatchType.STRATEGIC)
    node.settle()


def delete(node: Node) -> None:
    node.delete("web")


def end(node: Node) -> object:
    """What is left when all is quiet: containers, volumes, and whether the pod is."""
    node.advance(700)
    seen = node.seen("web")
    alive = [
        (c.name, c.image) for c in (seen.containers if seen else ()) if c.started_at
    ]
    running = sorted(node.runtime.running("web"))
    boxes = [s.state for s in seen.sandboxes] if seen else []
    assert boxes in ([], [State.RUNNING])
    images = sorted({row for row in alive if row[0] in running})
    names = {name for _, name in node.runtime.volumes}
    return node.exists("web"), running, images, names


@pytest.mark.parametrize(
    "happening", [crash, kill_for_liveness, lose_sandbox, change_image, delete]
)
@pytest.mark.parametrize("lives", range(MAX_EFFECTS))
def test_a_change_that_was_interrupted_is_finished(
    happening: Callable[[Node], None], lives: int
) -> None:
    """Whatever the last effect was, the end is the same as without a death."""
    ends = []
    for limit in (None, lives):
        node = Node()
        node.run("web", {"name": "app", "livenessProbe": EXEC})
        node.runtime.agent_lives = limit
        with contextlib.suppress(AgentDied):
            happening(node)
        node.runtime.agent_lives = None
        node.restart()
        ends.append(end(node))

    assert ends[0] == ends[1]


@pytest.mark.parametrize("lives", range(MAX_EFFECTS))
def test_a_start_that_was_interrupted_is_finished(lives: int) -> None:
    """Sandbox, sidecar and containers are all there, each once."""
    node = Node()
    node.runtime.agent_lives = lives
    with contextlib.suppress(AgentDied):
        start(node)
    node.runtime.agent_lives = None
    node.restart()

    assert end(node)[1:2] == (["a", "b", "side"],)  # type: ignore[index]


@pytest.mark.parametrize("lives", range(MAX_EFFECTS))
def test_a_forced_deletion_that_was_interrupted_leaves_nothing(lives: int) -> None:
    """Nor do volumes stay, whose pod no API and no container names any more."""
    node = Node()
    node.run("web", volumes=[{"name": "data", "emptyDir": {}}])
    node.runtime.agent_lives = lives
    with contextlib.suppress(AgentDied):
        node.delete("web", grace=0)
    node.runtime.agent_lives = None
    node.restart()
    node.advance(40)

    assert not node.exists("web")
    assert node.runtime.pods() == {}

"""Lines of pulls: who waits for which registry, and for how long."""

import pytest

from supervisor.client.base import PatchType
from tests.fakes.agent import Node
from tests.fakes.slow_pull import SlowPull
from tests.unit.agent.test_images import pulls, waiting

DEAD = "dead.example/app"
OTHER = "dead.example/other:1"
TIMEOUT = 'Get "https://dead.example/v2/": dial tcp 192.0.2.1:443: i/o timeout'
DENIED = "pull access denied for dead.example/app"


@pytest.fixture
def node() -> Node:
    """A node whose pulls take time; it has the image of a registry that is dead."""
    node = Node(pulls_in_threads=True)
    node.runtime.add_image(DEAD)
    node.runtime.fail_pull(DEAD, TIMEOUT)
    return node


@pytest.fixture
def dead(node: Node) -> SlowPull:
    return node.runtime.slow_pull(DEAD)


def run(node: Node, pod: str, image: str, **container: str) -> None:
    node.run(pod, {"name": "app", "image": image, **container})


def runs(node: Node, *pods: str) -> list[str]:
    """Which of these pods run."""
    return [pod for pod in pods if node.runtime.running(pod) == ["app"]]


def silence(node: Node, dead: SlowPull) -> None:
    """Have the dead registry found out, with nothing left in line."""
    run(node, "scout", DEAD)
    dead.begins()
    dead.ends()
    node.pulls_end()


def test_a_silent_registry_is_waited_for_once_and_three_seconds(
    node: Node, dead: SlowPull
) -> None:
    """Five pods that have the image wait together, while the pull still hangs."""
    pods = ["p1", "p2", "p3", "p4", "p5"]
    for pod in pods:
        run(node, pod, DEAD)
    dead.begins()
    node.advance(2.9)
    assert runs(node, *pods) == []
    node.advance(0.1)
    assert runs(node, *pods) == pods
    assert pulls(node) == []  # none has ended
    text = (
        f'Failed to pull image "{DEAD}": its registry did not answer within 3 s',
        f'Using the image "{DEAD}" that is present on machine instead',
    )
    assert [e for e in node.events() if e in text].count(text[1]) == 5
    run(node, "late", DEAD)
    assert runs(node, "late") == ["late"]
    dead.ends()
    node.pulls_end()
    assert pulls(node) == [DEAD]


def test_containers_of_one_pod_wait_together(node: Node, dead: SlowPull) -> None:
    """Three containers of a silent registry cost three seconds, not nine."""
    node.run("web", *({"name": name, "image": DEAD} for name in "abc"))
    dead.begins()
    node.advance(3)
    assert sorted(node.runtime.running("web")) == ["a", "b", "c"]
    dead.ends()
    node.pulls_end()


def test_a_download_that_makes_progress_has_no_limit(
    node: Node, dead: SlowPull
) -> None:
    """After the first answer the newer image is waited for."""
    node.runtime.fail_pull(DEAD, "")
    run(node, "web", DEAD)
    dead.begins()
    node.advance(2)
    dead.answers()
    node.advance(500)
    assert runs(node, "web") == []
    dead.ends()
    node.pulls_end()
    assert runs(node, "web") == ["web"]
    assert node.events("UsingLocalImage") == []


def test_who_needs_the_image_goes_on_waiting(node: Node, dead: SlowPull) -> None:
    """An explicit Always, or an image that is not here, is not served by the limit."""
    node.runtime.fail_pull(DEAD, "")
    strict = {"annotations": {"supervisor.io/strict-pull": "app"}}
    node.run("strict", {"name": "app", "image": DEAD}, metadata=strict)
    dead.begins()
    run(node, "implied", DEAD)
    node.advance(3)
    assert runs(node, "strict", "implied") == ["implied"]
    dead.ends()
    node.pulls_end()
    assert runs(node, "strict") == ["strict"]


def test_a_line_behind_a_silent_registry_is_let_go(node: Node) -> None:
    """Who has its image does not wait behind the pull of another one."""
    missing = node.runtime.slow_pull(OTHER)
    run(node, "missing", OTHER)
    missing.begins()
    node.advance(2)
    run(node, "web", DEAD)
    node.advance(1)
    assert runs(node, "web", "missing") == ["web"]
    missing.ends()
    node.pulls_end()
    assert pulls(node) == [OTHER]


def test_a_dead_registry_delays_no_other(node: Node, dead: SlowPull) -> None:
    """Each registry has a line of its own."""
    node.runtime.registry.add("alive.example/app:1")
    run(node, "dead", DEAD)
    dead.begins()
    run(node, "web", "alive.example/app:1")
    node.pull_threads[1].join(10)
    node.settle()
    assert runs(node, "dead", "web") == ["web"]
    dead.ends()
    node.pulls_end()


def test_after_five_minutes_nobody_waits_for_the_question(
    node: Node, dead: SlowPull
) -> None:
    """One pull in the background asks again; pods start meanwhile."""
    silence(node, dead)
    node.advance(301)
    run(node, "a", DEAD)
    dead.begins()
    run(node, "b", DEAD)
    assert runs(node, "a", "b") == ["a", "b"]
    node.advance(3)  # silent again
    dead.ends()
    node.pulls_end()
    assert pulls(node) == [DEAD, DEAD]
    run(node, "c", DEAD)
    assert runs(node, "c") == ["c"]
    assert pulls(node) == [DEAD, DEAD]


def test_a_registry_that_is_back_is_asked_as_before(node: Node, dead: SlowPull) -> None:
    """The answer to the question in the background ends the doubt."""
    silence(node, dead)
    node.advance(301)
    node.runtime.fail_pull(DEAD, "")
    run(node, "a", DEAD)
    dead.begins()
    dead.ends()
    node.pulls_end()
    run(node, "b", DEAD)
    dead.begins()
    assert runs(node, "a", "b") == ["a"]
    dead.ends()
    node.pulls_end()
    assert runs(node, "b") == ["b"]


def test_a_refusal_is_an_answer(node: Node, dead: SlowPull) -> None:
    """The registry counts as silent no more."""
    silence(node, dead)
    node.advance(301)
    node.runtime.fail_pull(DEAD, DENIED)
    run(node, "a", DEAD)
    dead.begins()
    dead.ends()
    node.pulls_end()
    assert not node.agent.site.registries.is_in_doubt(DEAD)


def test_a_late_answer_ends_the_silence(node: Node, dead: SlowPull) -> None:
    """A registry that takes four seconds is slow, not silent."""
    node.runtime.fail_pull(DEAD, "")
    run(node, "a", DEAD)
    dead.begins()
    node.advance(4)
    assert node.agent.site.registries.silent() == ["dead.example"]
    dead.answers()
    assert node.agent.site.registries.silent() == []
    dead.ends()
    node.pulls_end()


@pytest.mark.parametrize("how", ["deleted", "forced", "image changed", "ended"])
def test_who_does_not_want_the_image_any_more_leaves_the_line(
    node: Node, how: str
) -> None:
    """At its turn the pod is looked at again."""
    first = node.runtime.slow_pull(OTHER)
    run(node, "first", OTHER)
    first.begins()
    node.runtime.add_image("img:2")
    limit = {"activeDeadlineSeconds": 5} if how == "ended" else {}
    node.run("web", {"name": "app", "image": "dead.example/second:1"}, **limit)
    match how:
        case "deleted":
            node.delete("web", grace=5)
        case "forced":
            node.delete("web", grace=0)
        case "image changed":
            patch = {"spec": {"containers": [{"name": "app", "image": "img:2"}]}}
            node.api.patch("pods", "web", "default", patch, PatchType.STRATEGIC)
            node.settle()
        case "ended":
            node.advance(6)
            assert node.pod("web")["status"]["phase"] == "Failed"
    first.ends()
    node.pulls_end()
    assert pulls(node) == [OTHER]


def test_a_pull_is_shared_by_all_who_wait_for_it(node: Node) -> None:
    """Two pods of one missing image: one pull, and each is told of it."""
    blocker = node.runtime.slow_pull(OTHER)
    run(node, "first", OTHER)
    blocker.begins()
    node.runtime.registry.add("dead.example/shared:1")
    run(node, "a", "dead.example/shared:1")
    run(node, "b", "dead.example/shared:1")
    blocker.ends()
    node.pulls_end()
    assert runs(node, "a", "b") == ["a", "b"]
    assert pulls(node) == [OTHER, "dead.example/shared:1"]
    assert len([e for e in node.events("Pulled") if "Successfully" in e]) == 2


def test_a_shared_failure_is_each_ones_own(node: Node) -> None:
    """Both show ErrImagePull, and both have a backoff."""
    blocker = node.runtime.slow_pull(OTHER)
    run(node, "first", OTHER)
    blocker.begins()
    run(node, "a", "dead.example/shared:1")
    run(node, "b", "dead.example/shared:1")
    blocker.ends()
    node.pulls_end()
    assert [waiting(node, pod) for pod in ("a", "b")] == ["ErrImagePull"] * 2


def test_an_image_that_came_meanwhile_is_not_pulled(node: Node) -> None:
    """IfNotPresent looks again at its turn."""
    blocker = node.runtime.slow_pull(OTHER)
    run(node, "first", OTHER)
    blocker.begins()
    run(node, "web", "dead.example/second:1")
    node.runtime.add_image("dead.example/second:1")
    blocker.ends()
    node.pulls_end()
    assert runs(node, "web") == ["web"]
    assert pulls(node) == [OTHER]


def test_a_registry_that_fell_silent_meanwhile_is_not_asked(node: Node) -> None:
    """The decision of an implied Always is renewed at its turn."""
    blocker = node.runtime.slow_pull(OTHER)
    node.runtime.fail_pull(OTHER, TIMEOUT)
    run(node, "first", OTHER)
    blocker.begins()
    run(node, "web", DEAD)
    blocker.ends()
    node.pulls_end()
    assert runs(node, "web") == ["web"]
    assert pulls(node) == [OTHER]


def test_an_agent_that_is_stopped_begins_no_more_pulls(node: Node) -> None:
    """The one under way is left to itself."""
    blocker = node.runtime.slow_pull(OTHER)
    run(node, "first", OTHER)
    blocker.begins()
    run(node, "web", "dead.example/second:1")
    node.agent.images.stop()
    blocker.ends()
    node.pulls_end()
    assert pulls(node) == [OTHER]

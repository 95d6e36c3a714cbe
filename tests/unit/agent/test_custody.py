"""Pods that run and that the API does not know: removed, or held for a decision."""

import pytest

from supervisor.agent.pods import origin
from supervisor.agent.pods.plan.custody import DAMAGED, objection
from supervisor.agent.pods.plan.leftovers import YOUNG_SECONDS
from supervisor.agent.pods.sweeping import SWEEP_SECONDS
from supervisor.client.store_view import CurrentSession
from supervisor.model.lineage import FOREVER, UNMARKED, Lineage, Origin
from supervisor.model.meta import Object
from supervisor.runtime.base import ObservedPod, State
from supervisor.runtime.base.inventory import Labelled, Sort, Whose
from supervisor.runtime.base.origin_labels import MANIFEST, REVISION, SESSION, STORE
from supervisor.store.base import Key
from tests.fakes.agent import Node

ANOTHER = Lineage("store-2", "session-2", 5)
SEEN = ObservedPod("uid-1", "web", "default")


@pytest.mark.parametrize(
    ("made_from", "why"),
    [
        (Origin("store-1", "now", 10), ""),
        (Origin("store-1", "now", 11), "the store ends at revision 10, before 11"),
        (Origin("store-1", "before", 4), ""),
        (Origin("store-1", "before", 5), "the store ends at revision 4, before 5"),
        (Origin("store-1", "lost", 3), "the store is older than revision 3"),
        (Origin("store-2", "theirs", 3), "it was made from another store (store-2)"),
        (Origin("store-2", "decided", 10**9), ""),
        (Origin("", "", 0), "it was made before this store was"),
    ],
)
def test_a_pod_is_held_if_the_store_may_have_lost_it(
    made_from: Origin, why: str
) -> None:
    """What was written to this store's own past was deleted; all else may be lost."""
    lineage = Lineage("store-1", "now", 10, {"before": 4, "decided": FOREVER})
    assert objection(SEEN, [made_from], lineage, set(), departed=False) == why


def test_one_container_of_another_store_is_enough() -> None:
    """The others may have been started by whoever has the store now."""
    lineage = Lineage("store-1", "now", 10)
    origins = [Origin("store-1", "now", 3), Origin("store-2", "theirs", 3)]
    assert "store-2" in objection(SEEN, origins, lineage, set(), departed=False)


def test_a_deletion_that_was_seen_is_one_whatever_the_store() -> None:
    """But an object that is damaged has not been deleted."""
    theirs = [Origin("store-2", "theirs", 3)]
    lineage, damaged = Lineage("store-1", "now", 10), {("default", "web")}
    assert objection(SEEN, theirs, lineage, set(), departed=True) == ""
    assert objection(SEEN, theirs, lineage, damaged, departed=True) == DAMAGED


def test_containers_carry_what_they_were_made_from() -> None:
    """The store, its session, the pod's version; and the sandbox its manifest."""
    node = Node()
    node.run("web")
    seen, pod = node.seen("web"), node.pod("web")
    assert seen is not None

    labels = seen.containers[0].labels
    assert (labels[STORE], labels[SESSION]) == ("store-1", "session-1")
    assert 0 < int(labels[REVISION]) <= int(pod["metadata"]["resourceVersion"])
    manifest = origin.unpacked(seen.sandboxes[0].labels[MANIFEST])
    assert manifest is not None and MANIFEST not in labels
    assert manifest["spec"] == pod["spec"]
    assert manifest["metadata"]["uid"] == pod["metadata"]["uid"]
    assert "status" not in manifest and "resourceVersion" not in manifest["metadata"]


@pytest.mark.parametrize("text", ["", "no base64!", "aGVsbG8=", "eJwDAAAAAAE="])
def test_what_is_no_manifest_is_none(text: str) -> None:
    """Whatever somebody has put into that label."""
    assert origin.unpacked(text) is None


def forget(node: Node, name: str) -> Object:
    """Have the API lose a pod while no agent runs; the agent comes back after it."""
    pod = node.pod(name)
    node.api._objects.store.delete(
        _key(name), b"{}", expected=int(pod["metadata"]["resourceVersion"])
    )
    node.restart()
    node.settle()
    return pod


def _key(name: str) -> Key:
    return Key("pods", "default", name)


def test_a_pod_of_this_store_is_removed_when_the_api_does_not_know_it() -> None:
    """It was deleted while the agent was away."""
    node = Node()
    node.run("web")
    forget(node, "web")
    node.advance(60)
    assert node.seen("web") is None


def test_a_pod_of_another_store_is_left_as_it_is_and_told_of() -> None:
    """It runs on for as long as nobody decides; the Node says so, an event too."""
    node = Node()
    node.run("web")
    node.store_view.become(ANOTHER)
    forget(node, "web")
    node.advance(200)
    node.agent.node.report()

    seen = node.seen("web")
    assert seen is not None and seen.containers[0].state is State.RUNNING
    assert _condition(node)["status"] == "True"
    assert "default/web (it was made from another store" in _condition(node)["message"]
    (told,) = node.events("StoreMismatch")
    assert "supervisor adopt" in told


def test_a_store_that_was_set_back_is_told_of_though_it_knows_all_pods() -> None:
    """Once; nothing is held, and nothing changes for the pods."""
    node = Node()
    node.run("web")
    node.store_view.become(Lineage("store-1", "session-2", 5))
    for _ in range(2):
        node.agent.workers.wake_all()
        node.settle()
        node.agent.node.report()

    (told,) = node.events("StoreMismatch")
    assert "default/web (the store is older than revision" in told
    assert node.agent.connection.held_pods() == []
    seen = node.seen("web")
    assert seen is not None and seen.containers[0].state is State.RUNNING


def test_what_belongs_to_a_held_pod_is_no_leftover() -> None:
    """Neither its parts nor a network that was made for it, however old."""
    node = Node()
    node.run("web")
    node.store_view.become(ANOTHER)
    uid = forget(node, "web")["metadata"]["uid"]
    network = Labelled(Sort.NETWORK, "w", "w", Whose.OURS, node="node-1", pod_uid=uid)
    node.runtime.others = [network]

    node.advance(YOUNG_SECONDS + 2 * SWEEP_SECONDS)

    assert list(node.agent.connection.leftovers()) == []
    assert node.runtime.others == [network]


def test_a_store_that_takes_a_node_over_holds_what_it_finds() -> None:
    """Under the same node name, too; its own pods start and end beside it."""
    node = Node()
    node.run("theirs")
    node.store_view.become(ANOTHER)
    forget(node, "theirs")
    node.run("mine")
    node.delete("mine")
    node.advance(60)

    theirs = node.seen("theirs")
    assert theirs is not None and theirs.containers[0].state is State.RUNNING
    assert node.seen("mine") is None
    assert [pod.name for pod in node.agent.connection.held_pods()] == ["theirs"]


def test_unmarked_pods_of_an_engine_that_was_taken_over_are_held() -> None:
    """Made by a version before this one, they may be the former owner's."""
    node = Node()
    node.store_view.present = CurrentSession("", UNMARKED)
    node.run("theirs")
    node.store_view.present = CurrentSession("store-1", "session-1")
    node.store_view.taken_over()
    forget(node, "theirs")
    node.advance(60)

    seen = node.seen("theirs")
    assert seen is not None and seen.containers[0].state is State.RUNNING
    (held,) = node.agent.connection.held_pods()
    assert held.because == "it was made before this store was"


def test_a_held_pod_is_removed_when_its_loss_is_accepted() -> None:
    """The condition stays, and says that nothing is held any more."""
    node = Node()
    node.run("web")
    node.store_view.become(ANOTHER)
    forget(node, "web")
    node.advance(10)
    node.agent.node.report()
    (held,) = node.agent.connection.held_pods()
    assert held.sessions == {"session-1"} and held.images == {"app": "img:1"}

    accepted = Lineage("store-2", "session-2", 5, {"session-1": FOREVER})
    node.store_view.become(accepted)
    node.agent.connection.recheck_held_pods()
    node.advance(60)
    node.agent.node.report()

    assert node.seen("web") is None
    assert _condition(node)["status"] == "False"


def test_a_held_pod_that_is_created_again_is_taken_up_as_it_runs() -> None:
    """Same uid, same containers, no restart."""
    node = Node()
    node.run("web")
    node.store_view.become(ANOTHER)
    before = node.seen("web")
    forget(node, "web")
    node.advance(10)
    (held,) = node.agent.connection.held_pods()
    assert held.manifest is not None and before is not None

    node.api.maintenance.adopt(held.manifest, node="node-1", images=held.images)
    node.advance(10)

    seen = node.seen("web")
    assert seen is not None
    assert [c.id for c in seen.containers] == [c.id for c in before.containers]
    assert node.pod("web")["status"]["phase"] == "Running"
    assert node.status("web")["restartCount"] == 0
    assert node.agent.connection.held_pods() == []


def test_a_pod_whose_object_is_damaged_runs_on() -> None:
    """Even if its end seemed to be told."""
    node = Node()
    node.run("web")
    node.store_view.unreadable = {("default", "web")}
    forget(node, "web")
    node.advance(60)
    seen = node.seen("web")
    assert seen is not None and seen.containers[0].state is State.RUNNING


def _condition(node: Node) -> Object:
    rows = node.api.get("nodes", "node-1")["status"]["conditions"]
    found: Object = next(row for row in rows if row["type"] == "RemovalHeld")
    return found

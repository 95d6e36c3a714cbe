"""Which pods a drain evicts, which it leaves, and what it refuses."""

from typing import Any

from supervisor.cli.drain_judgement import Allowed, Judgement, judge
from supervisor.model.meta import Object


def pod(name: str, *, owner: str = "", phase: str = "Running", **spec: Any) -> Object:
    meta: Object = {"name": name, "namespace": "default"}
    if owner:
        meta["ownerReferences"] = [{"kind": owner, "controller": True}]
    return {"metadata": meta, "spec": spec, "status": {"phase": phase}}


CACHE = [{"name": "cache", "emptyDir": {}}]


def going(judgement: Judgement) -> list[str]:
    return [pod["metadata"]["name"] for pod in judgement.pods]


def test_pods_of_a_controller_go() -> None:
    """It makes them anew elsewhere, so nothing is said."""
    it = judge([pod("a", owner="ReplicationController")], Allowed())

    assert (going(it), it.warning, it.refusal) == (["a"], "", "")


def test_lone_pods_need_force() -> None:
    """With it they go, with a warning."""
    pods = [pod("a"), pod("b")]

    assert judge(pods, Allowed()).refusal == (
        "cannot delete Pods that declare no controller (use --force to override): "
        "default/a, default/b"
    )
    forced = judge(pods, Allowed(force=True))
    assert going(forced) == ["a", "b"]
    assert forced.warning == (
        "deleting Pods that declare no controller: default/a, default/b"
    )


def test_local_data_needs_a_word() -> None:
    """An emptyDir goes with its pod."""
    pods = [pod("a", owner="ReplicationController", volumes=CACHE)]

    assert judge(pods, Allowed(force=True)).refusal == (
        "cannot delete Pods with local storage "
        "(use --delete-emptydir-data to override): default/a"
    )
    allowed = judge(pods, Allowed(delete_emptydir_data=True))
    assert going(allowed) == ["a"]
    assert allowed.warning == "deleting Pods with local storage: default/a"


def test_pods_of_daemon_sets_stay() -> None:
    """They would come back at once; the user has to know."""
    pods = [pod("a", owner="DaemonSet", volumes=CACHE)]

    assert judge(pods, Allowed()).refusal == (
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
        "default/a"
    )
    ignored = judge(pods, Allowed(ignore_daemonsets=True))
    assert (going(ignored), ignored.warning) == (
        [],
        "ignoring DaemonSet-managed Pods: default/a",
    )


def test_finished_pods_go() -> None:
    """Whoever made them, and whatever they have left."""
    pods = [pod("a", phase="Succeeded", volumes=CACHE), pod("b", phase="Failed")]

    it = judge(pods, Allowed())

    assert (going(it), it.refusal) == (["a", "b"], "")


def test_several_reasons_stand_together() -> None:
    """In brackets, as kubectl has them."""
    it = judge([pod("a"), pod("b", volumes=CACHE)], Allowed())

    assert it.refusal == (
        "[cannot delete Pods that declare no controller (use --force to override): "
        "default/a, cannot delete Pods with local storage "
        "(use --delete-emptydir-data to override): default/b]"
    )

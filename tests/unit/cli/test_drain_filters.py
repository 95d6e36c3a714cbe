"""Which pods a drain evicts, which it leaves, and what it refuses."""

from typing import Any

from supervisor.cli.drain_filters import FilterResult, Overrides, filter_pods
from supervisor.model.meta import Object


def pod(name: str, *, owner: str = "", phase: str = "Running", **spec: Any) -> Object:
    meta: Object = {"name": name, "namespace": "default"}
    if owner:
        meta["ownerReferences"] = [{"kind": owner, "controller": True}]
    return {"metadata": meta, "spec": spec, "status": {"phase": phase}}


CACHE = [{"name": "cache", "emptyDir": {}}]


def going(result: FilterResult) -> list[str]:
    return [pod["metadata"]["name"] for pod in result.pods]


def test_pods_of_a_controller_go() -> None:
    """It makes them anew elsewhere, so nothing is said."""
    result = filter_pods([pod("a", owner="ReplicationController")], Overrides())

    assert (going(result), result.warning, result.refusal) == (["a"], "", "")


def test_lone_pods_need_force() -> None:
    """With it they go, with a warning."""
    pods = [pod("a"), pod("b")]

    assert filter_pods(pods, Overrides()).refusal == (
        "cannot delete Pods that declare no controller (use --force to override): "
        "default/a, default/b"
    )
    forced = filter_pods(pods, Overrides(force=True))
    assert going(forced) == ["a", "b"]
    assert forced.warning == (
        "deleting Pods that declare no controller: default/a, default/b"
    )


def test_local_data_needs_a_word() -> None:
    """An emptyDir goes with its pod."""
    pods = [pod("a", owner="ReplicationController", volumes=CACHE)]

    assert filter_pods(pods, Overrides(force=True)).refusal == (
        "cannot delete Pods with local storage "
        "(use --delete-emptydir-data to override): default/a"
    )
    overrides = filter_pods(pods, Overrides(delete_emptydir_data=True))
    assert going(overrides) == ["a"]
    assert overrides.warning == "deleting Pods with local storage: default/a"


def test_pods_of_daemon_sets_stay() -> None:
    """They would come back at once; the user has to know."""
    pods = [pod("a", owner="DaemonSet", volumes=CACHE)]

    assert filter_pods(pods, Overrides()).refusal == (
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
        "default/a"
    )
    ignored = filter_pods(pods, Overrides(ignore_daemonsets=True))
    assert (going(ignored), ignored.warning) == (
        [],
        "ignoring DaemonSet-managed Pods: default/a",
    )


def test_finished_pods_go() -> None:
    """Whoever made them, and whatever they have left."""
    pods = [pod("a", phase="Succeeded", volumes=CACHE), pod("b", phase="Failed")]

    result = filter_pods(pods, Overrides())

    assert (going(result), result.refusal) == (["a", "b"], "")


def test_several_reasons_stand_together() -> None:
    """In brackets, as kubectl has them."""
    result = filter_pods([pod("a"), pod("b", volumes=CACHE)], Overrides())

    assert result.refusal == (
        "[cannot delete Pods that declare no controller (use --force to override): "
        "default/a, cannot delete Pods with local storage "
        "(use --delete-emptydir-data to override): default/b]"
    )

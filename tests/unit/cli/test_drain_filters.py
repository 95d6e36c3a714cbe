"""Which pods a drain evicts, skips and refuses to evict."""

from typing import Any

from supervisor.cli.drain_filters import FilterResult, Overrides, filter_pods
from supervisor.model.meta import Object


def pod(name: str, *, owner: str = "", phase: str = "Running", **spec: Any) -> Object:
    meta: Object = {"name": name, "namespace": "default"}
    if owner:
        meta["ownerReferences"] = [{"kind": owner, "controller": True}]
    return {"metadata": meta, "spec": spec, "status": {"phase": phase}}


CACHE = [{"name": "cache", "emptyDir": {}}]


def evicted(result: FilterResult) -> list[str]:
    return [pod["metadata"]["name"] for pod in result.pods]


def test_pods_of_a_controller_are_evicted() -> None:
    """The controller replaces them, so there is no warning."""
    result = filter_pods([pod("a", owner="ReplicationController")], Overrides())

    assert (evicted(result), result.warning, result.refusal) == (["a"], "", "")


def test_pods_without_controller_need_force() -> None:
    """With --force they are evicted, with a warning."""
    pods = [pod("a"), pod("b")]

    assert filter_pods(pods, Overrides()).refusal == (
        "cannot delete Pods that declare no controller (use --force to override): "
        "default/a, default/b"
    )
    forced = filter_pods(pods, Overrides(force=True))
    assert evicted(forced) == ["a", "b"]
    assert forced.warning == (
        "deleting Pods that declare no controller: default/a, default/b"
    )


def test_local_data_needs_an_option() -> None:
    """An emptyDir is deleted with its pod."""
    pods = [pod("a", owner="ReplicationController", volumes=CACHE)]

    assert filter_pods(pods, Overrides(force=True)).refusal == (
        "cannot delete Pods with local storage "
        "(use --delete-emptydir-data to override): default/a"
    )
    overrides = filter_pods(pods, Overrides(delete_emptydir_data=True))
    assert evicted(overrides) == ["a"]
    assert overrides.warning == "deleting Pods with local storage: default/a"


def test_pods_of_daemon_sets_are_skipped() -> None:
    """They would be recreated on the node, so an option is required."""
    pods = [pod("a", owner="DaemonSet", volumes=CACHE)]

    assert filter_pods(pods, Overrides()).refusal == (
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
        "default/a"
    )
    ignored = filter_pods(pods, Overrides(ignore_daemonsets=True))
    assert (evicted(ignored), ignored.warning) == (
        [],
        "ignoring DaemonSet-managed Pods: default/a",
    )


def test_finished_pods_are_evicted() -> None:
    """Whatever their owner and volumes."""
    pods = [pod("a", phase="Succeeded", volumes=CACHE), pod("b", phase="Failed")]

    result = filter_pods(pods, Overrides())

    assert (evicted(result), result.refusal) == (["a", "b"], "")


def test_several_refusals_are_joined() -> None:
    """In brackets, as kubectl does."""
    result = filter_pods([pod("a"), pod("b", volumes=CACHE)], Overrides())

    assert result.refusal == (
        "[cannot delete Pods that declare no controller (use --force to override): "
        "default/a, cannot delete Pods with local storage "
        "(use --delete-emptydir-data to override): default/b]"
    )

"""How pods go: within their grace, past it, by force, and from under a controller."""

import time

import pytest

from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.checks import always, controller_manifest, eventually, shell
from tests.integration.lab import Lab, labels_of, state_of

pytestmark = pytest.mark.docker

POLITE = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
DEAF = "trap '' TERM; while :; do sleep 0.05; done"


def last_state(lab: Lab, name: str) -> Object:
    """How the container had ended when the pod's object went."""
    since = lab.client.list("pods", lab.namespace).resource_version
    watch = lab.client.watch("pods", lab.namespace, since=since, timeout=40)
    lab.delete(name)
    for change in watch:
        if change.object["metadata"]["name"] == name and change.type == "DELETED":
            watch.close()
            end: Object = state_of(change.object, "main")["state"]["terminated"]
            return end
    raise AssertionError(f"{name} was not deleted")


def test_a_polite_container_goes_at_once(lab: Lab) -> None:
    """SIGTERM is enough; nobody waits for the rest of the grace."""
    lab.run("polite", shell("main", POLITE), terminationGracePeriodSeconds=30)
    lab.ready("polite")
    began = time.monotonic()
    end = last_state(lab, "polite")
    assert time.monotonic() - began < 10
    assert (end["reason"], end["exitCode"]) == ("Completed", 0)
    lab.gone("polite")


def test_a_deaf_container_is_killed_after_its_grace(lab: Lab) -> None:
    """SIGKILL when the grace is over: exit code 137."""
    lab.run("deaf", shell("main", DEAF), terminationGracePeriodSeconds=2)
    lab.ready("deaf")
    began = time.monotonic()
    end = last_state(lab, "deaf")
    assert 2 <= time.monotonic() - began < 12
    assert (end["reason"], end["exitCode"]) == ("Error", 137)
    lab.gone("deaf")


def test_a_deleted_pod_is_seen_terminating(lab: Lab) -> None:
    """deletionTimestamp and the grace are set while the container runs on."""
    lab.run("slow", shell("main", DEAF), terminationGracePeriodSeconds=5)
    lab.ready("slow")
    lab.delete("slow")
    meta = lab.pod("slow")["metadata"]
    assert meta["deletionTimestamp"]
    assert meta["deletionGracePeriodSeconds"] == 5
    assert lab.running("slow", "main")
    lab.delete("slow", grace=1)
    lab.gone("slow", within=5)


def test_a_forced_deletion_removes_the_object_at_once(lab: Lab) -> None:
    """Grace 0: the object is gone immediately, the container soon after."""
    lab.run("forced", shell("main", DEAF), terminationGracePeriodSeconds=60)
    lab.ready("forced")
    lab.delete("forced", grace=0)
    with pytest.raises(ApiError) as missing:
        lab.pod("forced")
    assert missing.value.code == 404
    lab.gone("forced", within=10)


def test_a_successor_of_the_same_name_does_not_wait_for_its_forerunner(
    lab: Lab,
) -> None:
    """After a forced deletion the name is free, and the pods are kept apart."""
    lab.run("phoenix", shell("main", DEAF), terminationGracePeriodSeconds=60)
    first = lab.ready("phoenix")["metadata"]["uid"]
    lab.delete("phoenix", grace=0)
    lab.run("phoenix", shell("main", POLITE))
    second = lab.ready("phoenix")["metadata"]["uid"]
    assert first != second

    def owners() -> set[str]:
        rows = lab.daemon.containers(**labels_of(lab.namespace, "phoenix"))
        return {c.labels["io.kubernetes.pod.uid"] for c in rows}

    eventually(lambda: owners() == {second}, what="the first one's containers go")


def test_a_pod_deleted_while_it_starts_leaves_nothing(lab: Lab) -> None:
    """Deletion right after creation, at any stage of the start."""
    for number in range(6):
        name = f"short-{number}"
        lab.run(name, shell("main", POLITE))
        time.sleep(number * 0.1)
        lab.delete(name, grace=None if number % 2 else 0)
    eventually(
        lambda: not lab.client.list("pods", lab.namespace).items,
        what="the objects are gone",
    )
    mine = {"io.kubernetes.pod.namespace": lab.namespace}
    eventually(lambda: not lab.daemon.containers(**mine), what="the containers go")
    always(lambda: not lab.daemon.containers(**mine), during=1)


def test_a_deleted_pod_of_a_controller_is_replaced(lab: Lab) -> None:
    """The replacement is there before the old pod has gone, and the count is kept."""
    body = controller_manifest("kept", 2, shell("main", POLITE))
    lab.client.create("replicationcontrollers", body, lab.namespace)

    def names() -> set[str]:
        rows = lab.client.list("pods", lab.namespace).items
        alive = [p for p in rows if "deletionTimestamp" not in p["metadata"]]
        return {p["metadata"]["name"] for p in alive}

    before = eventually(lambda: names() if len(names()) == 2 else None)
    assert before is not None
    victim = sorted(before)[0]
    lab.ready(victim)
    lab.delete(victim)
    eventually(lambda: len(names() - {victim}) == 2)
    lab.gone(victim)
    always(lambda: len(names()) == 2, during=0.5)


def test_a_deleted_namespace_takes_its_pods_along(lab: Lab) -> None:
    """The namespace goes when the last container has."""
    name = f"{lab.namespace}-more"
    lab.client.create("namespaces", {"metadata": {"name": name}})
    inner = Lab(lab.daemon, name)
    inner.run("inside", shell("main", POLITE))
    inner.ready("inside")
    lab.client.delete("namespaces", name)

    def is_gone() -> bool:
        try:
            lab.client.get("namespaces", name)
        except ApiError as error:
            return error.code == 404
        return False

    eventually(is_gone, within=30)
    assert not lab.daemon.containers(**{"io.kubernetes.pod.namespace": name})

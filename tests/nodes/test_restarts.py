"""Restarts of engines and hosts, and what a wrong clock of a host must not change."""

import time

import pytest

from supervisor.model.times import to_seconds
from tests.checks import always, eventually, is_ready, pod_manifest, shell
from tests.nodes.world import World, container, restarts, tolerations, uid_of

pytestmark = pytest.mark.docker

_BACKOFF = {"supervisor.io/backoff-initial-seconds": "2"}


def test_an_engine_that_is_restarted_leaves_containers_alone(world: World) -> None:
    """With live-restore: in good order, and nothing is restarted for it."""
    pods = world.controller(3, tolerations=tolerations(60))
    before = world.all_running()

    world.lab.restart_engine(1)
    world.is_back(1)

    after = world.exact(3)
    assert world.all_running() == before
    assert {uid_of(pod) for pod in after} == {uid_of(pod) for pod in pods}
    assert [restarts(pod) for pod in after] == [0, 0, 0]


def test_a_host_that_is_rebooted_starts_its_containers_again(world: World) -> None:
    """Back before eviction, it has the same pods, each restarted once."""
    pods = world.controller(3, tolerations=tolerations(60))
    others = world.running(2) | world.running(3)

    world.lab.reboot(1)

    def counts() -> dict[str, int]:
        return {pod["spec"]["nodeName"]: restarts(pod) for pod in world.pods()}

    eventually(lambda: counts() == {"n1": 1, "n2": 0, "n3": 0}, within=40)
    world.is_back(1)
    after = world.exact(3)
    assert {uid_of(pod) for pod in after} == {uid_of(pod) for pod in pods}
    assert counts() == {"n1": 1, "n2": 0, "n3": 0}
    assert others.items() <= world.all_running().items()


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_hosts_clock_is_off_by_an_hour(world: World, seconds: int) -> None:
    """Nothing is lost or restarted for it, and restarts come as soon as ever."""
    world.through_relay(1, clock=seconds)
    pods = world.controller(3)
    (mine,) = [p for p in pods if p["spec"]["nodeName"] == "n1"]
    name = mine["metadata"]["name"]
    started = mine["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
    created = to_seconds(mine["metadata"]["creationTimestamp"])
    assert abs(to_seconds(started) - created) < 60
    before = world.all_running()
    always(lambda: world.condition(1) == "True", during=4)
    assert world.all_running() == before

    world.inside(1).kill(world.running(1)[name])
    eventually(lambda: restarts(world.pod(name)) == 1, within=15)
    again = {uid_of(pod) for pod in world.exact(3)}

    assert again == {uid_of(pod) for pod in pods}
    assert world.events("NodeNotReady") == []


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_waits_do_not_follow_a_wrong_clock(world: World, seconds: int) -> None:
    """A crash loop waits as long as it is to, and a probe no longer than its delay."""
    world.through_relay(1, clock=seconds)
    probe = {"exec": {"command": ["true"]}, "initialDelaySeconds": 1}
    probed = container() | {"readinessProbe": probe}
    body = pod_manifest("probed", probed, nodeName="n1")
    world.daemon.client.create("pods", body, "default")
    body = pod_manifest("loop", shell("main", "exit 1"), nodeName="n1")
    body["metadata"]["annotations"] = _BACKOFF
    began = time.monotonic()
    world.daemon.client.create("pods", body, "default")

    # At once, after 2 s and after 4 s.
    eventually(lambda: times_restarted(world, "loop") >= 3, within=30)

    assert time.monotonic() - began >= 6
    # That the clock has jumped is noticed within ten seconds.
    eventually(lambda: is_ready(world.pod("probed")), within=15)


def times_restarted(world: World, pod: str) -> int:
    rows = world.pod(pod).get("status", {}).get("containerStatuses")
    return int(rows[0]["restartCount"]) if rows else 0

"""Claims on a real engine: races, and take-overs that broke off."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from supervisor.runtime.base import CLAIM, CLUSTER, EngineUnavailable
from supervisor.runtime.docker.claims import claim_name
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.runtime.ownership import ANY_OWNER, Claimant, NotOwner, Ownership
from tests import docker_engine

pytestmark = pytest.mark.docker

_ATTEMPTS = 10
_DAEMONS = 6


class Place:
    """One cluster on the machine's engine, and daemons that want it."""

    def __init__(self, cluster: str, api: Any) -> None:
        self.cluster = cluster
        self.api = api
        self._runtime = DockerRuntime(
            docker_engine.ENDPOINT, cluster=cluster, node="n1"
        )

    def daemon(self, store: str) -> Ownership:
        return Ownership(self._runtime.claims, Claimant(store), "n1", time.monotonic)

    def claims(self) -> dict[str, str]:
        """Name of each claim's container, and whose it is."""
        wanted = {"label": [f"{CLUSTER}={self.cluster}", CLAIM]}
        rows = self.api.containers(all=True, filters=wanted)
        return {row["Names"][0].lstrip("/"): row["Labels"][CLAIM] for row in rows}

    def close(self) -> None:
        docker_engine.remove_cluster(self.api, self.cluster)
        self._runtime.close()


@pytest.fixture
def place() -> Iterator[Place]:
    api = docker_engine.client()
    made = Place(docker_engine.new_cluster(), api)
    try:
        yield made
    finally:
        made.close()
        api.close()


def at_once(place: Place, order: str) -> list[str]:
    """Stores of the daemons that take the engine at the same time and get it."""
    winners: list[str] = []
    start = threading.Barrier(_DAEMONS)

    def want(store: str) -> None:
        daemon = place.daemon(store)
        start.wait()
        for _ in range(_ATTEMPTS):
            try:
                daemon.take(order)
                winners.append(store)
                return
            except NotOwner:
                return
            except EngineUnavailable:
                continue  # they hindered each other: a daemon tries again

    stores = [f"store-{number}" for number in range(_DAEMONS)]
    threads = [threading.Thread(target=want, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return winners


def test_of_many_at_once_one_has_the_engine(place: Place) -> None:
    """All others are told who that is."""
    winners = at_once(place, "")

    assert len(winners) == 1
    assert place.claims() == {claim_name(place.cluster): winners[0]}


def test_many_that_take_one_over_at_once(place: Place) -> None:
    """It is taken once from the store that the order names."""
    place.daemon("before").take()

    winners = at_once(place, "before")

    assert len(winners) == 1
    assert place.claims() == {claim_name(place.cluster): winners[0]}


@pytest.mark.parametrize("by", ["after", "third"])
@pytest.mark.parametrize("is_old_gone", [False, True])
def test_a_take_over_that_broke_off_leaves_nothing(
    place: Place, is_old_gone: bool, by: str
) -> None:
    """The daemon died with the new claim made, before or after the old one went."""
    old = place.daemon("before").take()
    assert old is not None
    name = claim_name(place.cluster)
    labels = {CLUSTER: place.cluster, CLAIM: "after"}
    shell = docker_engine.bring_shell()
    place.api.create_container(shell, ["true"], name=f"{name}_after", labels=labels)
    if is_old_gone:
        place.api.remove_container(old.id, force=True)

    place.daemon(by).take(ANY_OWNER)

    assert place.claims() == {name: by}


def test_a_container_with_the_name_that_is_no_claim_is_left_alone(
    place: Place,
) -> None:
    """Nobody takes it over; the text says what helps."""
    name = claim_name(place.cluster)
    shell = docker_engine.bring_shell()
    made = place.api.create_container(shell, ["true"], name=name)
    try:
        with pytest.raises(NotOwner, match=r"not ours.*rename or remove it"):
            place.daemon("mine").take(ANY_OWNER)
    finally:
        place.api.remove_container(made["Id"])

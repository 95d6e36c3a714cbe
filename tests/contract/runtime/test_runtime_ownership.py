"""What an engine has of ours besides pods, and the record of whose it is."""

from dataclasses import replace

import pytest

from supervisor.runtime.base import ClaimTaken, EngineRefused, NotFound
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.base.inventory import Labelled, Sort, Whose
from tests.contract.runtime.lab import Lab, new_pod, start

MINE = Claim("store-a", "node-1", "alpha")


def found(lab: Lab, name: str) -> Labelled | None:
    return next((one for one in lab.runtime.labelled() if one.name == name), None)


def test_parts_of_pods_are_listed_as_such(lab: Lab) -> None:
    """Sandbox, container and volumes, each with its pod."""
    pod = replace(new_pod(), volumes=("data",))
    start(lab, pod)

    mine = [one for one in lab.runtime.labelled() if one.pod_uid == pod.pod_uid]

    sorts = sorted(one.sort.value for one in mine)
    assert sorts == ["container", "container", "volume", "volume"]
    assert {(one.is_part, one.whose, one.pod) for one in mine} == {
        (True, Whose.OURS, f"default/{pod.pod_name}")
    }


@pytest.mark.parametrize("sort", Sort)
def test_what_is_no_part_of_a_pod_is_listed_and_can_be_removed(
    lab: Lab, sort: Sort
) -> None:
    """Helper containers, volumes of no pod, networks; twice does no harm."""
    name = lab.litter(sort, Whose.OURS)
    one = found(lab, name)

    assert one is not None
    assert (one.sort, one.whose, one.is_part) == (sort, Whose.OURS, False)
    assert all("" not in (pod.name, uid) for uid, pod in lab.runtime.pods().items())
    lab.runtime.remove_labelled(one)
    assert found(lab, name) is None
    lab.runtime.remove_labelled(one)


@pytest.mark.parametrize("sort", Sort)
def test_what_is_anothers_is_listed_and_stays(lab: Lab, sort: Sort) -> None:
    """Another node's labels keep it from being removed."""
    name = lab.litter(sort, Whose.OTHER_NODE)
    one = found(lab, name)

    assert one is not None and one.whose is Whose.OTHER_NODE
    with pytest.raises(EngineRefused):
        lab.runtime.remove_labelled(one)
    assert found(lab, name)


def test_what_is_in_use_is_not_removed(lab: Lab) -> None:
    """The engine refuses it, and it stays."""
    name = lab.litter(Sort.VOLUME, Whose.OURS)
    lab.use_volume(name)
    one = found(lab, name)

    assert one is not None
    with pytest.raises(EngineRefused):
        lab.runtime.remove_labelled(one)
    assert found(lab, name) == one


@pytest.fixture
def unclaimed(lab: Lab) -> Lab:
    lab.drop_claim()
    return lab


def test_a_claim_is_made_once(unclaimed: Lab) -> None:
    """It says whose the engine is; a second one is refused."""
    claims = unclaimed.runtime.claims
    assert claims.read() is None
    claims.make(MINE)
    made = claims.read()

    assert made is not None and made.id
    assert replace(made, id="", created_at=0.0) == MINE
    with pytest.raises(ClaimTaken):
        claims.make(Claim("store-b"))
    assert claims.read() == made


def test_a_claim_is_kept_running(unclaimed: Lab) -> None:
    """Twice does no harm; it is no container of a pod, and nothing left over."""
    claims = unclaimed.runtime.claims
    claims.make(MINE)
    made = claims.read()
    assert made is not None and not made.is_running

    claims.run(made.id)
    claims.run(made.id)

    again = claims.read()
    assert again == replace(made, is_running=True)
    assert made.created_at > 0
    assert made.id not in [one.id for one in unclaimed.runtime.labelled()]


def test_a_claim_is_replaced_by_who_knows_it(unclaimed: Lab) -> None:
    """The new one tells from whom the engine was taken."""
    claims = unclaimed.runtime.claims
    claims.make(MINE)
    before = claims.read()
    assert before is not None
    claims.run(before.id)

    claims.make(Claim("store-b", taken_from="store-a"), in_place_of=before.id)

    after = claims.read()
    assert after is not None and (after.store, after.taken_from) == (
        "store-b",
        "store-a",
    )
    with pytest.raises(NotFound):
        claims.run(before.id)


def test_a_claim_that_is_no_more_the_one_known_is_not_replaced(unclaimed: Lab) -> None:
    """Somebody was faster."""
    claims = unclaimed.runtime.claims
    claims.make(MINE)

    with pytest.raises(ClaimTaken):
        claims.make(Claim("store-b"), in_place_of="no-such-container")

    held = claims.read()
    assert held is not None and held.store == "store-a"


def test_a_removed_claim_is_gone(unclaimed: Lab) -> None:
    """Twice does no harm."""
    claims = unclaimed.runtime.claims
    claims.make(MINE)
    made = claims.read()
    assert made is not None

    claims.remove(made.id)
    claims.remove(made.id)

    assert claims.read() is None

"""Whose an engine is: taking it, keeping it, losing it, and never acting after that."""

from dataclasses import dataclass, field, replace

import pytest

from supervisor.runtime.base import EngineRefused, EngineUnavailable
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.docker.claims import claim_name
from supervisor.runtime.ownership import (
    ANY_OWNER,
    CONFIRM_SECONDS,
    HANDOVER_SECONDS,
    VALID_SECONDS,
    Claimant,
    NotOwner,
    Ownership,
    Step,
    decide,
)
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeClaims

A, B = Claimant("store-a", "alpha"), Claimant("store-b", "beta")


@dataclass
class Engine:
    """An engine, and daemons that want it."""

    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.claims = FakeClaims(self.clock)

    def daemon(self, claimant: Claimant) -> Ownership:
        return Ownership(self.claims, claimant, "n1", self.clock.now)

    @property
    def store(self) -> str:
        return self.claims.held.store if self.claims.held else ""


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(
    ("found", "claimant", "order", "step"),
    [
        (None, A, "", Step.MAKE),
        (None, A, ANY_OWNER, Step.MAKE),
        ("store-a", A, "", Step.KEEP),
        ("store-a", A, ANY_OWNER, Step.KEEP),
        ("store-b", A, "", Step.REFUSE),
        ("store-b", A, "store-b", Step.TAKE_OVER),
        ("store-b", A, "store-c", Step.REFUSE),
        ("store-b", A, ANY_OWNER, Step.TAKE_OVER),
        ("", A, "", Step.REFUSE),
        ("", A, ANY_OWNER, Step.REFUSE),
        ("", Claimant(""), "", Step.REFUSE),
    ],
)
def test_what_is_done_about_a_claim(
    found: str | None, claimant: Claimant, order: str, step: Step
) -> None:
    """Our own is kept, another's respected; what is no claim cannot be taken over."""
    claim = None if found is None else Claim(found)

    assert decide(claim, claimant, order) is step


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (Claim("store-a", host="alpha"), Step.REPLACE),
        (Claim("store-a", host="alpha", taken_from="store-x"), Step.REPLACE),
        (Claim("store-a", host="beta"), Step.REFUSE),
        (Claim("store-a"), Step.REFUSE),
        (Claim("store-a", host="alpha", taken_from="store-b"), Step.REFUSE),
        (Claim("store-a", host="alpha", taken_from="store-c"), Step.REFUSE),
        (Claim("store-d", host="alpha"), Step.REFUSE),
    ],
)
def test_which_claims_a_store_takes_back_that_replaced_others(
    found: Claim, step: Step
) -> None:
    """Those of its predecessors on this host, unless they were taken from it since."""
    claimant = Claimant("store-c", "alpha", frozenset({"store-a", "store-b"}))

    assert decide(found, claimant) is step


def test_a_copy_that_is_restored_elsewhere_is_refused(engine: Engine) -> None:
    """Whether the first one lives or not; its daemon keeps the engine undisturbed."""
    first = engine.daemon(A)
    first.take()
    copies = [
        Claimant("store-c", "beta"),
        # The whole state folder was copied, and restored into.
        Claimant("store-c", "beta", frozenset({"store-a"})),
    ]

    for copy in copies:
        with pytest.raises(NotOwner, match="daemon on host alpha"):
            engine.daemon(copy).take()
        first.confirm()

    assert engine.store == "store-a"
    assert engine.daemon(copies[0]).take("store-a") is not None


def test_the_first_to_come_has_the_engine(engine: Engine) -> None:
    """Its claim runs, so that no prune removes it."""
    engine.daemon(A).take()

    assert engine.store == "store-a"
    assert engine.claims.held is not None and engine.claims.held.is_running


def test_the_same_store_takes_its_claim_back_at_once(engine: Engine) -> None:
    """Also one whose container its predecessor has not come to start."""
    engine.claims.make(Claim("store-a"))
    before = engine.claims.held
    assert before is not None

    claim = engine.daemon(A).take()

    assert claim is not None and claim.id == before.id
    assert engine.claims.held == replace(before, is_running=True)


def test_a_claim_of_an_earlier_version_is_renewed(engine: Engine) -> None:
    """Also with whom the engine was taken from, who may act a little longer."""
    old = Claim("store-a", taken_from="store-b", is_outdated=True)
    engine.claims.make(old)
    before = engine.claims.held
    daemon = engine.daemon(A)

    claim = daemon.take()

    assert before is not None and claim is not None
    assert claim.id != before.id
    assert (claim.store, claim.taken_from) == ("store-a", "store-b")
    assert not claim.is_outdated


def test_a_claim_of_an_earlier_version_is_released(engine: Engine) -> None:
    """It is ours, whichever program its container runs."""
    engine.claims.make(Claim("store-a", is_outdated=True))

    engine.daemon(A).release()

    assert engine.claims.held is None


def test_another_store_is_told_whose_it_is(engine: Engine) -> None:
    """Store, host and node, so that a person finds the daemon."""
    engine.daemon(A).take()

    with pytest.raises(NotOwner) as caught:
        engine.daemon(B).take()

    assert str(caught.value) == (
        "the engine belongs to store store-a of the daemon on host alpha, which calls "
        'it node "n1"'
    )


def test_the_loser_stops_before_the_new_owner_begins(engine: Engine) -> None:
    """Even if it never looks: what it knows is not good for long enough."""
    loser, winner = engine.daemon(A), engine.daemon(B)
    loser.take()
    loser.require()

    claim = winner.take("store-a")

    assert claim is not None and claim.taken_from == "store-a"
    begins = winner.handover_until(claim)
    assert begins == engine.clock.now() + HANDOVER_SECONDS
    assert HANDOVER_SECONDS > VALID_SECONDS > CONFIRM_SECONDS
    engine.clock.advance(VALID_SECONDS)
    with pytest.raises(NotOwner):
        loser.require()
    winner.require()


def test_the_loser_that_looks_knows_at_once(engine: Engine) -> None:
    """And does nothing more, without asking again each time."""
    loser = engine.daemon(A)
    loser.take()
    engine.daemon(B).take(ANY_OWNER)

    with pytest.raises(NotOwner):
        loser.confirm()
    with pytest.raises(NotOwner):
        loser.require()


def test_permission_costs_nothing_while_it_is_fresh(engine: Engine) -> None:
    """The engine is asked once for all changes of some seconds."""
    owner = engine.daemon(A)
    owner.take()
    asked = engine.claims.asked
    for _ in range(100):
        owner.require()
    assert engine.claims.asked == asked

    engine.clock.advance(VALID_SECONDS)
    owner.require()
    owner.require()

    assert engine.claims.asked == asked + 1


def test_a_claim_that_was_removed_is_made_anew(engine: Engine) -> None:
    """By whoever still works there."""
    owner = engine.daemon(A)
    owner.take()
    engine.claims.held = None

    owner.confirm()

    assert engine.store == "store-a"


def test_of_two_at_once_one_has_it(engine: Engine) -> None:
    """The engine takes one claim; who comes second reads it."""

    class Racing(FakeClaims):
        def read(self) -> Claim | None:
            found = super().read()
            if self.asked == 1:
                engine.claims.make(Claim("store-a"))
                self.held = engine.claims.held
            return found

    second = Ownership(Racing(engine.clock), B, "n1", engine.clock.now)

    with pytest.raises(NotOwner):
        second.take()


def test_a_take_over_that_broke_off_is_taken_up_with_its_wait(engine: Engine) -> None:
    """The old claim was gone already; its owner may act all the same."""
    claim = engine.daemon(B).take("store-a")

    assert claim is not None
    assert engine.daemon(B).handover_until(claim) > engine.clock.now()


def test_a_restored_store_takes_the_place_of_its_predecessor(engine: Engine) -> None:
    """Nobody else can have that store any more, so there is nobody to wait for."""
    engine.daemon(A).take()
    restored = Claimant("store-c", "alpha", frozenset({"store-a"}))

    claim = engine.daemon(restored).take()

    assert engine.store == "store-c"
    assert engine.daemon(restored).handover_until(claim) == 0.0


def test_an_engine_that_takes_no_claim_is_worked_on_without(engine: Engine) -> None:
    """Its disk is full; pods are looked after, and the claim is tried again."""
    engine.claims.refusal = "no space left on device"
    owner = engine.daemon(A)
    assert owner.take() is None
    owner.require()
    assert owner.trouble == (
        "the engine refuses to record whose it is: no space left on device"
    )
    engine.claims.refusal = ""
    engine.clock.advance(29)
    owner.confirm()
    assert engine.store == ""

    engine.clock.advance(2)
    owner.confirm()

    assert (engine.store, owner.trouble) == ("store-a", "")


def test_a_restored_store_works_on_though_the_engine_takes_no_claim(
    engine: Engine,
) -> None:
    """The one before is no more; its claim is replaced as soon as that can be."""
    engine.daemon(A).take()
    engine.claims.refusal = "no space left on device"
    owner = engine.daemon(Claimant("store-c", "alpha", frozenset({"store-a"})))
    owner.take()
    owner.require()
    assert owner.trouble
    engine.claims.refusal = ""
    engine.clock.advance(31)

    owner.confirm()

    assert (engine.store, owner.trouble) == ("store-c", "")


def test_a_take_over_that_the_engine_refuses_changes_nothing(engine: Engine) -> None:
    """The old claim stands, or both would take the engine for theirs."""
    engine.daemon(A).take()
    engine.claims.refusal = "no space left on device"

    with pytest.raises(EngineRefused):
        engine.daemon(B).take(ANY_OWNER)

    assert engine.store == "store-a"


def test_a_claim_without_answer_gives_no_permission(engine: Engine) -> None:
    """While the engine is away nothing is done; when it is back it is asked."""
    owner = engine.daemon(A)
    owner.take()
    engine.claims.away = EngineUnavailable("no answer in time")
    owner.require()
    engine.clock.advance(VALID_SECONDS)
    with pytest.raises(EngineUnavailable):
        owner.require()

    engine.claims.away = None

    owner.require()


def test_who_leaves_gives_the_engine_free(engine: Engine) -> None:
    """But never what has become another's."""
    owner = engine.daemon(A)
    owner.take()
    owner.release()
    assert engine.store == ""
    owner.take()
    engine.daemon(B).take(ANY_OWNER)

    owner.release()

    assert engine.store == "store-b"


def test_a_claim_has_a_name_that_docker_takes() -> None:
    """Whatever the cluster is called; different clusters have different names."""
    assert claim_name("prod-1") == "supervisor_claim_prod-1"
    odd = {claim_name(c) for c in ("ä/b", "ä b", "x" * 500)}

    assert len(odd) == 3
    assert all(name.isascii() and len(name) < 64 for name in odd)

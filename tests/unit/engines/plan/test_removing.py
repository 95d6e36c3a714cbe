"""What is done with an engine that is removed, as values."""

from supervisor.engines.plan import Sight, actions, plan
from supervisor.engines.plan.actions import Action, Wait
from supervisor.engines.plan.sight import (
    Agent,
    Link,
    RemainingPod,
    Remains,
    Reservation,
)
from supervisor.model.engine import (
    CONNECTED,
    CONNECTING,
    FORCE_REMOVAL,
    REFUSED,
    Engine,
)
from tests.fakes.clock import START
from tests.unit.engines.plan.world import (
    ACCESS,
    AWAY,
    NO_SECRET,
    THEIRS,
    annotated,
    deleted,
    engine,
    known,
)

ENGINE = engine()
AGENT = Agent(ACCESS, {}, START)


def todo(of: Engine, sight: Sight, now: float = START) -> tuple[Action, ...]:
    return plan(of, sight, now)


def leaving(of: Engine = ENGINE) -> Engine:
    return deleted(known(of))


REMOVE = (
    actions.ReleaseClaim(because="the Engine is deleted"),
    actions.Halt(because="the Engine is deleted"),
    actions.ForgetFiles(because="the Engine is deleted"),
    actions.FinishRemoval(because="the Engine is deleted"),
    actions.RecordEvent("Normal", "EngineRemoved", because="node n1 is removed"),
    Wait(because="node n1 is removed"),
)


def test_an_engine_that_leaves_takes_no_more_pods() -> None:
    """Its pods are listed after that, so none is missed."""
    sight = Sight(ACCESS, agent=AGENT, remains=Remains(is_schedulable=True))

    assert todo(leaving(), sight) == (actions.Cordon(because="the Engine is deleted"),)


def test_pods_end_before_their_engine_goes() -> None:
    """Each is deleted once; containers without a pod are waited for, too."""
    pods = (
        RemainingPod("default", "a", "uid-a"),
        RemainingPod("default", "b", "uid-b", is_being_deleted=True),
    )
    remains = Remains(pods=pods, on_engine=("default/a", "default/c", "default/d"))
    waits = "waiting for 4 pod(s) to end: default/a, default/b, default/c and 1 more"

    assert todo(leaving(), Sight(ACCESS, agent=AGENT, remains=remains)) == (
        actions.DeletePod("default", "a", "uid-a", because="the Engine is deleted"),
        actions.Report(CONNECTED, "Removing", waits, because=waits),
        Wait(START + 1, because=waits),
    )


def test_an_engine_with_nothing_left_is_removed() -> None:
    """Claim, agent, files, Node and Engine, in this order."""
    assert todo(leaving(), Sight(ACCESS, agent=AGENT, remains=Remains())) == REMOVE


def test_an_engine_that_never_was_ours_is_removed_at_once() -> None:
    """So is one that is refused, another store's, or removed up to the last call."""
    refused = deleted(known(ENGINE, REFUSED))
    lost = Sight(ACCESS, failure=THEIRS, is_reported=True)

    assert todo(deleted(ENGINE), Sight(ACCESS)) == REMOVE
    assert todo(refused, Sight(ACCESS)) == REMOVE
    assert todo(leaving(), lost) == REMOVE
    assert todo(leaving(), Sight(ACCESS, is_finished=True)) == REMOVE


def test_an_engine_that_does_not_answer_is_waited_for() -> None:
    """Whoever said so: the last attempt, the missing Secret, or the agent."""
    waits = "waiting for the engine, to remove what is ours: "
    failed = Sight(ACCESS, failure=AWAY, wait_until=START + 5, remains=Remains())
    no_access = Sight(NO_SECRET, remains=Remains())
    silent = Sight(ACCESS, agent=AGENT, remains=Remains(trouble="no answer"))

    def report(text: str) -> tuple[Action, ...]:
        return (
            actions.Report(CONNECTING, "Removing", waits + text, because=waits + text),
            Wait(START + 1, because=waits + text),
        )

    record = actions.RecordFailure(NO_SECRET, because="secret s: not found")
    assert todo(leaving(), failed) == report("it is away")
    assert todo(leaving(), no_access) == (record, *report("secret s: not found"))
    assert todo(leaving(), silent) == report("no answer")


def test_an_engine_is_connected_in_order_to_be_cleared() -> None:
    """After a restart of the daemon; nothing is waited for at its launch."""
    link = Link(ACCESS, "id-1", "24", is_claimed=True)
    linked = Sight(ACCESS, link=link, reservation=Reservation("id-1"))

    assert isinstance(todo(leaving(), Sight(ACCESS))[0], actions.Connect)
    assert [type(a) for a in todo(leaving(), linked)] == [
        actions.Launch,
        actions.Report,
    ]


def test_an_engine_that_does_not_answer_can_be_given_up() -> None:
    """By order, ten seconds after the removal began."""
    forced = leaving(annotated(ENGINE, {FORCE_REMOVAL: "true"}))
    sight = Sight(ACCESS, failure=AWAY, wait_until=START + 15, remains=Remains())

    assert isinstance(todo(forced, sight, START + 9)[0], actions.Report)
    assert todo(forced, sight, START + 10) == REMOVE


def test_an_engine_that_turns_out_to_be_anothers_while_it_leaves() -> None:
    """That is shown before it is removed; there is nothing of ours to wait for."""
    sight = Sight(ACCESS, failure=THEIRS, wait_until=START + 30)

    assert [type(a) for a in todo(leaving(), sight)] == [
        actions.ShowPlaceholder,
        actions.ReportFailure,
        Wait,
    ]
    assert todo(leaving(), sight)[-1] == Wait(
        START + 1, because="the next attempt is not due yet"
    )

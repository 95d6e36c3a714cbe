"""What is done in each phase of an engine, as values."""

from dataclasses import replace

from supervisor.engines.failure import TAKEN, TAKING_OVER, Failure
from supervisor.engines.plan import Sight, actions, plan
from supervisor.engines.plan.actions import Action, Wait
from supervisor.engines.plan.sight import (
    Agent,
    Link,
    Reservation,
)
from supervisor.model.engine import (
    CONNECTED,
    CONNECTING,
    REFUSED,
    TAKE_OVER,
    Engine,
    EngineSpec,
    EngineTls,
)
from supervisor.runtime.base.claims import Claim
from tests.fakes.clock import START
from tests.unit.engines.plan.world import (
    ACCESS,
    AWAY,
    NO_SECRET,
    THEIRS,
    annotated,
    engine,
    known,
    node,
)

ENGINE = engine()
LINK = Link(ACCESS, "id-1", "24")
RESERVED = Reservation("id-1")
OURS = Claim("us")
AGENT = Agent(ACCESS, {}, START)
LATER = START + 60


def todo(of: Engine, sight: Sight, now: float = START) -> tuple[Action, ...]:
    return plan(of, sight, now)


def connected(engine_id: str = "id-1") -> actions.Report:
    """The report of an engine whose agent runs."""
    return actions.Report(
        CONNECTED,
        "Connected",
        "",
        engine_id,
        "24",
        OURS,
        because="connected to unix:///n1",
    )


# -- without an agent
def test_a_new_engine_is_connected() -> None:
    """There is nothing to wait for."""
    assert todo(ENGINE, Sight(ACCESS)) == (
        actions.Connect(ACCESS, because="there is no agent"),
    )


def test_an_attempt_that_is_due_names_the_failure_before() -> None:
    """The reason of the action is the last failure."""
    sight = Sight(ACCESS, failure=AWAY, is_reported=True)

    assert todo(ENGINE, sight) == (
        actions.Connect(ACCESS, because="the last attempt failed: it is away"),
    )


def test_an_attempt_that_is_not_due_waits() -> None:
    """Nothing is written meanwhile."""
    sight = Sight(ACCESS, failure=AWAY, is_reported=True, wait_until=START + 5)

    assert todo(ENGINE, sight) == (
        Wait(START + 5, because="the next attempt is not due yet"),
    )


def test_a_new_order_does_not_wait() -> None:
    """An order with which the last attempt was refused is not new."""
    ordered = annotated(ENGINE, {TAKE_OVER: "store-b"})
    sight = Sight(ACCESS, failure=THEIRS, is_reported=True, wait_until=START + 30)
    old = replace(sight, last_order="store-b")

    assert isinstance(todo(ordered, sight)[0], actions.Connect)
    assert isinstance(todo(ordered, old)[0], Wait)


def test_a_failure_is_shown_once() -> None:
    """On the Node and in the status; then the next attempt is waited for."""
    sight = Sight(ACCESS, failure=THEIRS, wait_until=START + 30)
    text = "it belongs to store-b"

    assert todo(ENGINE, sight) == (
        actions.ShowPlaceholder(THEIRS, because=text),
        actions.ReportFailure(THEIRS, because=text),
        Wait(START + 30, because="the next attempt is not due yet"),
    )


def test_an_engine_that_answers_is_reserved() -> None:
    """No other node of this daemon may have it."""
    assert todo(ENGINE, Sight(ACCESS, link=LINK)) == (
        actions.Reserve("id-1", because="the engine has answered"),
    )


def test_an_engine_of_another_node_is_refused() -> None:
    """The link is closed, and the next attempt is delayed."""
    sight = Sight(ACCESS, link=LINK, reservation=Reservation("id-1", "n2"))
    text = 'this is the engine of node "n2" already: an engine is one node only'

    assert todo(ENGINE, sight) == (
        actions.Disconnect(because=text),
        actions.RecordFailure(Failure(REFUSED, TAKEN, text), because=text),
    )


def test_a_reserved_engine_is_claimed() -> None:
    """With the order to take it over, if there is one."""
    sight = Sight(ACCESS, link=LINK, reservation=RESERVED)
    because = "no other node has the engine"
    ordered = annotated(ENGINE, {TAKE_OVER: "true"})

    assert todo(ENGINE, sight) == (actions.TakeClaim("", because=because),)
    assert todo(ordered, sight) == (actions.TakeClaim("true", because=because),)


def test_another_engine_than_before_is_an_event() -> None:
    """Its disk was replaced, or the address leads elsewhere."""
    sight = Sight(ACCESS, link=LINK, reservation=RESERVED)

    event, claim = todo(known(ENGINE, engine_id="id-0"), sight)

    assert isinstance(claim, actions.TakeClaim)
    assert event == actions.RecordEvent(
        "Warning",
        "EngineReplaced",
        because="another engine answers at unix:///n1: id-1, before it was id-0; the "
        "node's pods are started anew there",
    )


def test_an_engine_that_cannot_be_claimed_is_released() -> None:
    """The failure names its owner."""
    sight = Sight(ACCESS, link=LINK.refused(THEIRS), reservation=RESERVED)
    text = "it belongs to store-b"

    assert todo(ENGINE, sight) == (
        actions.Disconnect(because=text),
        actions.RecordFailure(THEIRS, because=text),
    )


def test_an_order_that_was_followed_is_removed() -> None:
    """Our store is told first, since the engine has containers of another store."""
    ordered = annotated(ENGINE, {TAKE_OVER: "true"})
    sight = Sight(ACCESS, link=LINK.claimed(), reservation=RESERVED, claim=OURS)
    taken = replace(sight, claim=Claim("us", taken_from="store-b"))
    text = "the engine was taken over from store store-b"

    assert todo(ordered, sight) == (
        actions.RemoveOrder(because="the engine is ours already"),
    )
    assert todo(ordered, taken) == (
        actions.NoteTakeover(because=text),
        actions.RemoveOrder(because=text),
        actions.RecordEvent("Warning", "EngineTakenOver", because=text),
    )


def test_a_previous_owner_gets_time_to_stop() -> None:
    """Until then the attempt counts as failed."""
    sight = Sight(
        ACCESS,
        link=LINK.claimed(),
        reservation=RESERVED,
        claim=Claim("us", taken_from="store-b"),
        handover_until=START + 6,
    )
    text = "the engine was taken over; store store-b has a few seconds to let go"

    assert todo(ENGINE, sight) == (
        actions.Disconnect(because=text),
        actions.RecordFailure(Failure(CONNECTING, TAKING_OVER, text), because=text),
    )
    assert isinstance(todo(ENGINE, sight, START + 6)[0], actions.Launch)


def test_an_engine_that_is_ours_gets_an_agent() -> None:
    """With the labels of the Engine, and its status is set."""
    sight = Sight(ACCESS, link=LINK.claimed(), reservation=RESERVED, claim=OURS)

    assert todo(engine(labels={"zone": "a"}), sight) == (
        actions.Launch({"zone": "a"}, because="the engine is ours"),
        connected(),
        Wait(because="the agent runs"),
    )


def test_a_launch_warns_of_what_is_dangerous() -> None:
    """Plain tcp, and paths in an Engine."""
    access = replace(ACCESS, endpoint="tcp://h:2375", deprecated="names paths")
    sight = Sight(
        access,
        link=Link(access, "id-1", "24", is_claimed=True),
        reservation=RESERVED,
        claim_trouble="disk full",
    )
    of = Engine(ENGINE.metadata, EngineSpec(endpoint="tcp://h:2375"))

    _, report, insecure, paths, _ = todo(of, sight)

    assert str(report) == "report Connected (Unclaimed): disk full"
    assert str(insecure) == (
        "event EngineInsecure: tcp://h:2375 is not protected: whoever reaches it is "
        "root there"
    )
    assert str(paths) == "event EngineNamesPaths: names paths"


def test_a_missing_secret_is_shown() -> None:
    """An agent that runs already keeps running."""
    text = "secret s: not found"
    wait = Wait(START + 5, because=text)

    assert todo(ENGINE, Sight(NO_SECRET)) == (
        actions.ShowPlaceholder(NO_SECRET, because=text),
        actions.Report(CONNECTING, "BadCertificates", text, because=text),
        wait,
    )
    assert todo(ENGINE, Sight(NO_SECRET, agent=AGENT)) == (
        actions.Report(CONNECTED, "BadCertificates", text, because=text),
        wait,
    )


# -- with an agent
def test_another_access_stops_the_agent() -> None:
    """The next plan connects."""
    other = replace(ACCESS, endpoint="unix:///x")

    assert todo(ENGINE, Sight(other, agent=AGENT)) == (
        actions.Halt(because="the access to the engine has changed"),
    )


def test_a_running_agent_is_reported() -> None:
    """From what it has written to its Node."""
    sight = Sight(ACCESS, agent=AGENT, claim=OURS, node=node("id-1", LATER))

    assert todo(known(ENGINE), sight, LATER) == (
        connected(),
        Wait(because="the agent runs"),
    )


def test_an_engine_that_does_not_answer_its_agent_is_connecting() -> None:
    """The agent keeps running."""
    seen = node("id-1", LATER, is_ready=False)
    sight = Sight(ACCESS, agent=AGENT, node=seen)

    assert todo(known(ENGINE), sight, LATER) == (
        actions.Report(CONNECTING, "EngineUnavailable", "gone", because="gone"),
        Wait(because="the agent runs"),
    )


def test_labels_are_changed_in_place() -> None:
    """Of the agent, which goes on, and of the Node."""
    sight = Sight(ACCESS, agent=AGENT, node=node("id-1", START))
    patch = {
        "metadata": {
            "annotations": {"supervisor.io/engine-labels": "zone"},
            "labels": {"zone": "b"},
        }
    }

    relabel, label, *_ = todo(known(engine(labels={"zone": "b"})), sight)

    assert relabel == actions.RelabelAgent(
        {"zone": "b"}, because="the Engine's labels changed"
    )
    assert label == actions.PatchNodeLabels(
        patch, because="they differ from those of the Engine"
    )


def test_what_an_earlier_agent_wrote_does_not_count() -> None:
    """Until the new one has written its state, or 15 seconds have passed."""
    seen = node("id-1", START - 60, is_ready=False)
    sight = Sight(ACCESS, agent=AGENT, node=seen)

    assert todo(known(ENGINE), sight) == (
        Wait(START + 15, because="the agent has not written its state yet"),
    )
    assert isinstance(todo(known(ENGINE), sight, START + 15)[0], actions.Report)


def test_an_agent_without_a_node_is_left_alone() -> None:
    """It registers the Node by itself."""
    assert todo(known(ENGINE), Sight(ACCESS, agent=AGENT)) == (
        Wait(because="the agent runs"),
    )


def test_files_are_checked_for_changes() -> None:
    """Secrets wake the keeper; files do not."""
    tls = EngineTls("", "ca.pem", "cert.pem", "key.pem")
    because = "the files that lead to the engine may change"

    assert todo(known(engine(tls=tls)), Sight(ACCESS, agent=AGENT)) == (
        Wait(START + 30, because=because),
    )


def test_another_engine_behind_the_agent_is_reserved_first() -> None:
    """It may be another node's; if not, its id is reported."""
    sight = Sight(ACCESS, agent=AGENT, claim=OURS, node=node("id-2", LATER))
    ours = replace(sight, reservation=Reservation("id-2"))
    theirs = replace(sight, reservation=Reservation("id-2", "n2"))

    assert todo(known(ENGINE), sight, LATER) == (
        actions.Reserve("id-2", because="another engine answers"),
    )
    event, report, _ = todo(known(ENGINE), ours, LATER)
    assert isinstance(event, actions.RecordEvent)
    assert report == connected("id-2")
    assert [type(a) for a in todo(known(ENGINE), theirs, LATER)] == [
        actions.Halt,
        actions.RecordFailure,
    ]

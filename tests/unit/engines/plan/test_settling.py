"""Whatever is found, and wherever it breaks off, an engine comes to the same end."""

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from supervisor.engines.access import Access
from supervisor.engines.plan.phases import Phase
from supervisor.engines.plan.sight import Agent, RemainingPod, Remains, Sight
from supervisor.model.engine import (
    CONNECTED,
    CONNECTING,
    FORCE_REMOVAL,
    REFUSED,
    TAKE_OVER,
    Engine,
)
from tests.fakes.clock import START
from tests.unit.engines.plan.world import (
    ACCESS,
    AWAY,
    NO_SECRET,
    THEIRS,
    World,
    annotated,
    deleted,
    engine,
    known,
    node,
)

LOOKS = 40
"""Enough for handovers and pauses, while the removal looks every second."""
OTHER = replace(ACCESS, endpoint="unix:///x")
AT_REST = {
    Phase.RUNNING,
    Phase.FAILED,
    Phase.WAITING,
    Phase.NO_ACCESS,
    Phase.CLEARING,
    Phase.REMOVABLE,
    Phase.CLAIMED,
}


@st.composite
def engines(draw: st.DrawFn) -> Engine:
    """Of every history: new, connected or refused before, ordered, being removed."""
    of = engine(labels=draw(st.sampled_from([None, {"zone": "a"}])))
    notes = {
        TAKE_OVER: draw(st.sampled_from(["", "true", "store-b", "store-c"])),
        FORCE_REMOVAL: draw(st.sampled_from(["", "true"])),
    }
    of = annotated(of, {key: value for key, value in notes.items() if value})
    phase = draw(st.sampled_from(["", CONNECTED, CONNECTING, REFUSED]))
    if phase:
        of = known(of, phase, draw(st.sampled_from(["id-0", "id-1"])))
    return deleted(of) if draw(st.booleans()) else of


@st.composite
def remains(draw: st.DrawFn) -> Remains:
    pods = [
        RemainingPod("default", name, name, draw(st.booleans()))
        for name in draw(st.sets(st.sampled_from("abc")))
    ]
    return Remains(draw(st.booleans()), tuple(pods))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Facts about the engine, and what a keeper knows of it, which fit together."""
    access: Access = draw(st.sampled_from([ACCESS, OTHER]))
    world = World(
        draw(engines()),
        Sight(access),
        answers=draw(st.booleans()),
        engine_id=draw(st.sampled_from(["id-1", "id-2"])),
        owner=draw(st.sampled_from(["us", "", "store-b"])),
        remains=draw(remains()),
    )
    if draw(st.booleans()):
        _with_agent(draw, world)
    else:
        world.holder = draw(st.sampled_from(["", "n2"]))
        _with_failure(draw, world)
    return world


def _with_agent(draw: st.DrawFn, world: World) -> None:
    """The engine was connected, so its Engine says so."""
    launched_at = draw(st.sampled_from([START - 60, START]))
    world.engine = known(world.engine)
    agent = Agent(ACCESS, draw(st.sampled_from([{}, {"zone": "b"}])), launched_at)
    seen = draw(st.sampled_from([None, node(world.engine_id, START - 1)]))
    world.sight = replace(world.sight, agent=agent, node=seen)


def _with_failure(draw: st.DrawFn, world: World) -> None:
    failure = draw(st.sampled_from([None, AWAY, THEIRS]))
    if failure is None:
        return
    if failure is THEIRS:
        world.owner, world.answers, world.holder = "store-b", True, ""
    world.sight = replace(
        world.sight,
        failure=failure,
        wait_until=draw(st.sampled_from([None, START + 5])),
        last_order=draw(st.sampled_from(["", "true", "store-b"])),
    )


def end(world: World) -> tuple[bool, str, bool]:
    """Whether the Engine is gone; else its phase, and whether an agent runs."""
    if world.is_gone:
        return True, "", False
    return False, world.engine.status.phase, world.sight.agent is not None


def copy(world: World) -> World:
    return replace(world, phases=[], done=[])


@given(worlds(), st.booleans())
def test_every_look_settles(world: World, has_access: bool) -> None:
    """In a bounded number of rounds, in a phase in which an engine may rest."""
    if not has_access:
        world.sight = replace(world.sight, access=NO_SECRET)
    for _ in range(LOOKS):
        if world.is_gone:
            break
        until = world.look()  # fails if it takes too many rounds
        assert world.phases[-1] in AT_REST
        world.drop_link()
        world.pass_time(until)

    is_gone, phase, has_agent = end(world)
    event(f"gone {is_gone}, {phase}, agent {has_agent}")
    assert is_gone or phase in (CONNECTED, CONNECTING, REFUSED)
    assert phase != REFUSED or not has_agent


@settings(max_examples=200)
@given(worlds(), st.integers(0, 12), st.booleans())
def test_an_interruption_does_not_change_the_end(
    world: World, most: int, is_restart: bool
) -> None:
    """After any action: an exception drops the link, a restart all that is known."""
    uninterrupted = copy(world)
    uninterrupted.settle(LOOKS)

    world.look(most)
    world.drop_link()
    if is_restart and not world.is_gone:
        world.restart()
    world.settle(LOOKS)

    assert end(world) == end(uninterrupted) or _is_restarted_away(world, is_restart)


def _is_restarted_away(world: World, is_restart: bool) -> bool:
    """An agent whose engine is away is not there after a restart: both wait for it."""
    return is_restart and not world.answers and not world.is_gone

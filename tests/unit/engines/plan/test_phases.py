"""The table of phases: every transition that it names happens, and no other."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from supervisor.engines.plan.phases import ANY_TIME, TABLE, Phase
from supervisor.engines.plan.sight import (
    Agent,
    RemainingPod,
    Remains,
    Sight,
)
from supervisor.model.engine import TAKE_OVER
from tests.fakes.clock import START
from tests.unit.engines.plan.world import (
    ACCESS,
    AWAY,
    NO_SECRET,
    World,
    annotated,
    deleted,
    engine,
    known,
)

AGENT = Agent(ACCESS, {}, START - 60)
OTHER = replace(ACCESS, endpoint="unix:///x")
PODS = Remains(pods=(RemainingPod("default", "a", "u"),), is_schedulable=True)
Change = Callable[[World], None]


def run(world: World, *changes: Change) -> list[Phase]:
    """The phases until the world settles, after each change again."""
    world.settle(4)
    for change in changes:
        change(world)
        world.settle(4)
    return world.phases


def new() -> World:
    return World(engine(), Sight(ACCESS))


def running(**more: object) -> World:
    sight = Sight(ACCESS, agent=AGENT)
    return World(known(engine()), sight, **more)  # type: ignore[arg-type]


def use(access: object) -> Change:
    def change(world: World) -> None:
        world.sight = replace(world.sight, access=access)  # type: ignore[arg-type]

    return change


def delete(world: World) -> None:
    world.engine = deleted(world.engine, world.now)


def answer(world: World) -> None:
    world.answers = True


def be_taken(world: World) -> None:
    world.owner = "store-b"


def be_another(world: World) -> None:
    world.engine_id, world.holder = "id-2", "n2"


def wake(world: World) -> None:
    """Something happens before the time to look again."""
    until = world.look()
    assert until is not None
    world.look()


def wake_without_access(world: World) -> None:
    wake(world)
    world.sight = replace(world.sight, access=NO_SECRET)
    world.look()
    world.sight = replace(world.sight, access=ACCESS)
    world.look()


def restart(world: World) -> None:
    world.restart()


def break_off(world: World) -> None:
    """The report of a failure was not written, and now the access is missing."""
    world.sight = replace(
        world.sight,
        access=ACCESS,
        failure=AWAY,
        wait_until=world.now + 5,
        is_reported=False,
    )


def ordered(order: str = "true") -> World:
    of = annotated(engine(), {TAKE_OVER: order})
    return World(of, Sight(ACCESS), owner="store-b")


WORLDS: dict[str, Callable[[], list[Phase]]] = {
    "connects": lambda: run(new()),
    "is away and woken": lambda: run(
        World(engine(), Sight(ACCESS), answers=False), wake, answer
    ),
    "is another node's": lambda: run(World(engine(), Sight(ACCESS), holder="n2")),
    "is another store's": lambda: run(
        World(engine(), Sight(ACCESS), owner="store-b"), wake
    ),
    "is taken over": lambda: run(ordered()),
    "is ours in spite of an order": lambda: run(
        World(annotated(engine(), {TAKE_OVER: "true"}), Sight(ACCESS))
    ),
    "changes its address": lambda: run(new(), use(OTHER)),
    "loses its secret": lambda: run(new(), use(NO_SECRET), use(ACCESS)),
    "loses its secret and changes": lambda: run(new(), use(NO_SECRET), use(OTHER)),
    "has no secret at first": lambda: run(
        World(engine(), Sight(NO_SECRET)), use(ACCESS)
    ),
    "loses its secret while it waits": lambda: run(
        World(engine(), Sight(ACCESS), answers=False), wake_without_access
    ),
    "could not report a failure before": lambda: run(
        World(engine(), Sight(NO_SECRET), answers=False), break_off
    ),
    "becomes another node's": lambda: run(running(), be_another),
    "is lost": lambda: run(running(), be_taken),
    "is removed": lambda: run(running(remains=PODS), delete),
    "is removed after a restart": lambda: run(
        running(remains=PODS, answers=False), delete, restart, answer
    ),
    "is removed and lost": lambda: run(
        running(remains=Remains(on_engine=("default/a",))), delete, be_taken
    ),
}


def transitions(phases: list[Phase]) -> set[tuple[Phase, Phase]]:
    return {(a, b) for a, b in pairwise(phases) if a is not b}


NAMED = {(row.phase, after) for row in TABLE for after in row.next}


@pytest.mark.parametrize("name", WORLDS)
def test_no_transition_is_missing_from_the_table(name: str) -> None:
    """What happens in the model is what the table, and so the picture, says."""
    found = transitions(WORLDS[name]())

    assert {(a, b) for a, b in found - NAMED if b not in ANY_TIME} == set()


def test_every_transition_of_the_table_happens() -> None:
    """None is left over from an earlier design."""
    found = set[tuple[Phase, Phase]]().union(
        *(transitions(make()) for make in WORLDS.values())
    )

    assert NAMED - found == set()


def test_every_phase_has_one_row() -> None:
    """Each is reached, and each plan is allowed by its row."""
    assert sorted(row.phase.value for row in TABLE) == sorted(p.value for p in Phase)
    reached = {phase for make in WORLDS.values() for phase in make()}

    assert reached == set(Phase)

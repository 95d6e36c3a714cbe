"""Commands whose time is over, on an engine whose processes are not ours to signal."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from supervisor.runtime.base import (
    CONTAINER_TYPE,
    HELPER_TYPE,
    Labelled,
    NotFound,
    RuntimeEvent,
    Sort,
    Whose,
)
from supervisor.runtime.base.labels import HELPER
from supervisor.runtime.docker.streams import kill
from supervisor.runtime.docker.streams.reaper import MARK
from tests import docker_engine
from tests.contract.runtime.lab import DockerLab, eventually, new_pod
from tests.integration.runtime.engine import Engine
from tests.relay import Relay

pytestmark = pytest.mark.docker

LOOP = ("sh", "-c", "while :; do sleep 1; done")
HANGS = ("sh", "-c", "sleep 7531 & (env -i sleep 7532) & sleep 7533; true")


BEHIND = docker_engine.ENDPOINT.removeprefix("unix://")


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay(BEHIND)
    yield made
    made.cut()


@pytest.fixture
def far(engine: Engine, relay: Relay) -> Iterator[Engine]:
    """The machine's engine, reached over tcp."""
    made = Engine(DockerLab(engine.cluster, relay.endpoint), engine.api, engine.cluster)
    yield made
    made.runtime.close()


def started(far: Engine, **more: Any) -> str:
    pod = new_pod()
    return far.start(pod, far.runtime.start_sandbox(pod), LOOP, **more)


def runs(far: Engine, container_id: str, command: str) -> int:
    rows = far.api.top(container_id, "-eo pid,args")["Processes"]
    return sum(command in " ".join(words) for words in rows)


def helpers(far: Engine, container_id: str) -> int:
    rows = far.api.containers(all=True, filters={"label": HELPER})
    return sum(container_id in row["Labels"][HELPER] for row in rows)


def hang(far: Engine, made: str) -> None:
    done = far.runtime.exec(made, HANGS, timeout=0.5, limit=100)
    assert done.exit_code is None


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"user": "1234:1234"},
        {"read_only_root": True, "capabilities_drop": ("ALL",)},
        {"no_new_privileges": True},
        {"share_processes": True},
    ],
    ids=str,
)
def test_what_is_out_of_time_is_ended_with_all_that_it_started(
    far: Engine, more: Mapping[str, Any]
) -> None:
    """Whatever the container may do itself; another command in it runs on."""
    made = started(far, **more)
    bystander = far.runtime.open_exec(made, ("sleep", "7599"), stdin=False, tty=False)
    hang(far, made)

    eventually(lambda: not runs(far, made, "sleep 753"))
    assert runs(far, made, "sleep 7599") == 1
    bystander.close()
    eventually(lambda: not runs(far, made, "sleep 7599"))
    eventually(lambda: not helpers(far, made))


def test_a_local_engine_whose_processes_are_not_seen(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon in a container of its own, with the engine's socket mounted."""
    monkeypatch.setattr(kill, "_PROC", tmp_path)
    made = started(engine)
    hang(engine, made)

    eventually(lambda: not runs(engine, made, "sleep 753"))


def test_many_that_hang_do_not_pile_up(far: Engine) -> None:
    """One helper at a time ends all that have become due meanwhile."""
    made = started(far)
    most = 0
    threads = [threading.Thread(target=hang, args=(far, made)) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, helpers(far, made))
    eventually(lambda: not runs(far, made, "sleep 753"))

    assert most <= 1


def test_what_hangs_in_a_paused_container_ends_when_that_goes_on(far: Engine) -> None:
    """A frozen process takes its end later."""
    made = started(far)
    session = far.runtime.open_exec(made, HANGS, stdin=False, tty=False)
    eventually(lambda: bool(runs(far, made, "sleep 7533")))
    far.api.pause(made)
    session.close()
    eventually(lambda: bool(helpers(far, made)))
    far.api.unpause(made)

    eventually(lambda: not runs(far, made, "sleep 753"))


def test_a_container_that_goes_meanwhile_needs_no_helper(far: Engine) -> None:
    """Its processes have gone with it."""
    made = started(far)
    hang(far, made)
    far.runtime.remove_container(made)

    eventually(lambda: not helpers(far, made))
    with pytest.raises(NotFound):
        far.runtime.exec(made, HANGS, timeout=1, limit=1)


def test_an_engine_that_is_away_is_asked_again(far: Engine, relay: Relay) -> None:
    """A session breaks off with the connection; its command ends when that is back."""
    made = started(far)
    session = far.runtime.open_exec(made, HANGS, stdin=False, tty=False)
    eventually(lambda: bool(runs(far, made, "sleep 7533")))
    relay.cut()
    session.close()
    assert runs(far, made, "sleep 7533")

    again = Relay(BEHIND, port=int(relay.endpoint.rpartition(":")[2]))
    eventually(lambda: not runs(far, made, "sleep 753"))
    again.cut()


def test_a_helper_is_known_as_ours_and_as_no_part_of_its_pod(far: Engine) -> None:
    """So that one that hangs is found and removed, and no pod is woken by any."""
    made = started(far)
    before = far.runtime.pods()
    told: list[RuntimeEvent] = []
    events = far.runtime.events()
    reader = threading.Thread(target=lambda: told.extend(events), daemon=True)
    reader.start()
    session = far.runtime.open_exec(made, HANGS, stdin=False, tty=False)
    eventually(lambda: bool(runs(far, made, "sleep 7533")))
    far.api.pause(made)
    session.close()

    def helpers_of_pods() -> list[Labelled]:
        mine = [one for one in far.runtime.labelled() if one.pod_uid in before]
        return [one for one in mine if is_helper(one)]

    (helper,) = eventually(helpers_of_pods)
    assert helper.whose is Whose.OURS
    assert far.runtime.pods() == before
    far.api.unpause(made)
    eventually(lambda: not helpers(far, made))
    far.runtime.remove_container(made)
    eventually(lambda: any(event.action == "destroy" for event in told))
    events.close()
    assert {event.container for event in told} == {"app"}


def is_helper(one: Labelled) -> bool:
    return one.sort is Sort.CONTAINER and not one.is_part


def test_a_helper_that_hangs_can_be_removed_as_a_leftover(far: Engine) -> None:
    """With the labels that all of them carry."""
    made = started(far)
    carried = far.api.inspect_container(made)["Config"]["Labels"]
    labels = {**carried, CONTAINER_TYPE: HELPER_TYPE, HELPER: made}
    body = {"Image": far.lab.image, "Cmd": ["sleep", "600"], "Labels": labels}
    hangs = far.api.create_container_from_config(body)["Id"]
    far.api.start(hangs)
    (found,) = [one for one in far.runtime.labelled() if one.id == hangs]
    assert found.whose is Whose.OURS and is_helper(found)

    far.runtime.remove_labelled(found)

    assert helpers(far, made) == 0
    assert [c.id for c in far.runtime.pods()[found.pod_uid].containers] == [made]


def test_a_helper_of_an_earlier_life_makes_room(far: Engine) -> None:
    """One that was created when the daemon died has the name that is needed."""
    made = started(far)
    body = {"Image": far.lab.image, "Cmd": ["true"], "Labels": {HELPER: made}}
    far.api.create_container_from_config(body, f"supervisor_end_{made[:24]}")
    hang(far, made)

    eventually(lambda: not runs(far, made, "sleep 753"))
    eventually(lambda: not helpers(far, made))


def test_commands_that_a_dead_daemon_has_left_running_are_ended(far: Engine) -> None:
    """What one of them has left behind on purpose, and ended, runs on."""
    made = started(far)

    def run_before(script: str) -> None:
        mark = [f"{MARK}=0a1b2c3d-01234567"]
        words = ["sh", "-c", script]
        before = far.api.exec_create(made, words, environment=mark)
        far.api.exec_start(before["Id"], detach=True)

    run_before("sleep 7534; true")
    run_before("sleep 7598 &")
    eventually(lambda: runs(far, made, "sleep 7598") == 1)
    hang(far, made)

    eventually(lambda: not runs(far, made, "sleep 753"))
    assert runs(far, made, "sleep 7598") == 1


def test_a_command_can_see_its_mark(far: Engine) -> None:
    """One variable more than the container has."""
    made = started(far)
    shown = far.runtime.exec(made, ("env",), timeout=10, limit=4096).output.decode()

    assert shown.count(f"{MARK}=") == 1

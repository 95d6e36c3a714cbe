"""Relaying a command between its session and its user."""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator

import pytest

from supervisor.api.streams.command import (
    SUCCESS,
    Input,
    Resize,
    Started,
    Stdin,
    StdinEnd,
    relay,
    status,
)
from supervisor.api.streams.options import CommandOptions
from supervisor.model.errors import unavailable
from supervisor.model.meta import Object
from supervisor.runtime.base import EngineUnavailable

ALL = CommandOptions("app", stdin=True, stdout=True, stderr=True, tty=True)


class Session:
    """A command that does what a test tells it; `done` are the calls it got."""

    def __init__(self, *output: tuple[int, bytes] | Exception | None) -> None:
        self._output: queue.SimpleQueue[tuple[int, bytes] | Exception | None] = (
            queue.SimpleQueue()
        )
        for item in output:
            self._output.put(item)
        self.done: list[object] = []
        self.closed = threading.Event()

    def read(self) -> tuple[int, bytes] | None:
        item = self._output.get()
        if isinstance(item, Exception):
            raise item
        return item

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close_stdin(self) -> None:
        self.done.append("end")
        self._output.put((1, b"seen all"))
        self._output.put(None)

    def resize(self, width: int, height: int) -> None:
        self.done.append((width, height))

    def exit_code(self) -> int:
        return 3

    def close(self) -> None:
        self.closed.set()
        self._output.put(None)


class User:
    """A user who does what a test says, and then stays or leaves."""

    def __init__(self, *inputs: Input, leaves: bool = False) -> None:
        self._inputs = inputs
        self._leaves = leaves
        self.broken = False
        self.shown: list[tuple[int, bytes]] = []
        self.outcome: Object | None = None
        self.closed = False

    async def inputs(self) -> AsyncGenerator[Input, None]:
        for event in self._inputs:
            yield event
        if not self._leaves:
            await asyncio.Event().wait()

    async def output(self, stream: int, data: bytes) -> None:
        if self.broken:
            raise ConnectionResetError("gone")
        self.shown.append((stream, data))

    async def finish(self, status: Object) -> None:
        self.outcome = status

    def close(self) -> None:
        self.closed = True


def relayed(
    session: Session,
    user: User,
    options: CommandOptions = ALL,
    *,
    has_exit_code: bool = True,
    closes_stdin: bool = True,
) -> User:
    """The user after all; the session is closed then, whatever happened."""
    started = Started(session, has_exit_code=has_exit_code, closes_stdin=closes_stdin)
    asyncio.run(relay(started, user, options))
    assert session.closed.wait(10)
    assert user.closed
    return user


def test_output_comes_before_the_outcome() -> None:
    """All output is shown by its stream, and then the exit code told."""
    user = relayed(Session((1, b"out"), (2, b"err"), None), User())
    assert user.shown == [(1, b"out"), (2, b"err")]
    assert user.outcome == status(3)


def test_attaching_has_no_exit_code() -> None:
    """The end of an attach is success: the command may go on."""
    assert relayed(Session(None), User(), has_exit_code=False).outcome == SUCCESS


def test_input_reaches_the_command_in_order() -> None:
    """Input, sizes and the end of input arrive as the user made them."""
    session = Session()
    user = User(Stdin(b"a"), Resize(80, 24), Stdin(b"b"), StdinEnd(), Stdin(b"late"))
    relayed(session, user)
    assert session.done[:4] == [b"a", (80, 24), b"b", "end"]
    assert b"late" not in session.done
    assert user.shown == [(1, b"seen all")]


def test_input_that_outlives_its_user() -> None:
    """The input of a container that keeps it stays open for the next user."""
    session = Session()
    user = User(StdinEnd(), Stdin(b"more"), leaves=True)
    relayed(session, user, closes_stdin=False)
    assert session.done == [b"more"]


def test_what_was_not_asked_for_is_not_carried() -> None:
    """Without stdin nothing is fed, without stderr none is shown."""
    options = CommandOptions("app", stdin=False, stdout=True, stderr=False, tty=False)
    session = Session((2, b"err"), (1, b"out"), None)
    user = relayed(session, User(Stdin(b"a"), Resize(1, 1)), options)
    assert user.shown == [(1, b"out")]
    assert session.done == []


@pytest.mark.parametrize("leaving", [User(leaves=True), User(Stdin(b"a"), leaves=True)])
def test_a_user_who_leaves_closes_the_session(leaving: User) -> None:
    """Nothing is told to nobody, and the command's connection is dropped."""
    assert relayed(Session(), leaving).outcome is None


def test_a_user_who_breaks_off_closes_the_session() -> None:
    """Output that cannot be sent ends the session."""
    user = User()
    user.broken = True
    assert relayed(Session((1, b"out")), user).outcome is None


@pytest.mark.parametrize("failure", [OSError("cut"), EngineUnavailable("away")])
def test_an_engine_that_goes_away_is_no_fault_of_ours(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The user is told; the log has a line, and no traceback."""
    caplog.set_level("INFO")

    outcome = relayed(Session(failure), User()).outcome

    assert outcome is not None and str(failure) in outcome["message"]
    assert caplog.messages == [f"the stream of a command was interrupted: {failure}"]
    assert not caplog.records[0].exc_info


def test_an_engine_that_fails_is_told() -> None:
    """A session that breaks is an internal error, not an exit code of 0."""
    outcome = relayed(Session(OSError("engine away")), User()).outcome
    assert outcome is not None
    assert outcome["reason"] == "InternalError"
    assert "engine away" in outcome["message"]
    told = relayed(Session(unavailable("node lost")), User()).outcome
    assert told is not None
    assert (told["reason"], told["message"]) == ("ServiceUnavailable", "node lost")

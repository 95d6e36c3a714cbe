"""Relaying a command between its session and its client."""

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
    """A scripted command; `done` are the calls it received."""

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
    """A scripted client, which then stays or disconnects."""

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
    """The client after the relay, which always closes the session."""
    started = Started(session, has_exit_code=has_exit_code, closes_stdin=closes_stdin)
    asyncio.run(relay(started, user, options))
    assert session.closed.wait(10)
    assert user.closed
    return user


def test_output_precedes_the_status() -> None:
    """All output is sent, each on its stream, and then the exit code."""
    user = relayed(Session((1, b"out"), (2, b"err"), None), User())
    assert user.shown == [(1, b"out"), (2, b"err")]
    assert user.outcome == status(3)


def test_attaching_has_no_exit_code() -> None:
    """The end of an attach is a success: the command may keep running."""
    assert relayed(Session(None), User(), has_exit_code=False).outcome == SUCCESS


def test_input_reaches_the_command_in_order() -> None:
    """Input, sizes and the end of input arrive in order."""
    session = Session()
    user = User(Stdin(b"a"), Resize(80, 24), Stdin(b"b"), StdinEnd(), Stdin(b"late"))
    relayed(session, user)
    assert session.done[:4] == [b"a", (80, 24), b"b", "end"]
    assert b"late" not in session.done
    assert user.shown == [(1, b"seen all")]


def test_stdin_can_outlive_its_client() -> None:
    """If the container keeps stdin open, the next client can use it."""
    session = Session()
    user = User(StdinEnd(), Stdin(b"more"), leaves=True)
    relayed(session, user, closes_stdin=False)
    assert session.done == [b"more"]


def test_disabled_streams_are_not_relayed() -> None:
    """Without stdin no input is written, without stderr none is sent."""
    options = CommandOptions("app", stdin=False, stdout=True, stderr=False, tty=False)
    session = Session((2, b"err"), (1, b"out"), None)
    user = relayed(session, User(Stdin(b"a"), Resize(1, 1)), options)
    assert user.shown == [(1, b"out")]
    assert session.done == []


@pytest.mark.parametrize("leaving", [User(leaves=True), User(Stdin(b"a"), leaves=True)])
def test_a_client_that_disconnects_closes_the_session(leaving: User) -> None:
    """No status is sent, and the connection of the command is closed."""
    assert relayed(Session(), leaving).outcome is None


def test_failure_to_send_closes_the_session() -> None:
    """Output that cannot be sent ends the session."""
    user = User()
    user.broken = True
    assert relayed(Session((1, b"out")), user).outcome is None


@pytest.mark.parametrize("failure", [OSError("cut"), EngineUnavailable("away")])
def test_a_lost_engine_is_logged_without_traceback(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets the error; the log has one line."""
    caplog.set_level("INFO")

    outcome = relayed(Session(failure), User()).outcome

    assert outcome is not None and str(failure) in outcome["message"]
    assert caplog.messages == [f"the stream of a command was interrupted: {failure}"]
    assert not caplog.records[0].exc_info


def test_errors_of_the_engine_are_reported() -> None:
    """A failed session is an internal error, not exit code 0."""
    outcome = relayed(Session(OSError("engine away")), User()).outcome
    assert outcome is not None
    assert outcome["reason"] == "InternalError"
    assert "engine away" in outcome["message"]
    told = relayed(Session(unavailable("node lost")), User()).outcome
    assert told is not None
    assert (told["reason"], told["message"]) == ("ServiceUnavailable", "node lost")

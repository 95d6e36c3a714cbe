"""Commands in containers, and the streams of containers themselves.

Rules
- A command that cannot be started is a refusal, told before anything is streamed; the
  engine itself would send the reason as the command's output.
- A command whose time is over, or whose session is dropped, is killed with all that it
  started. Docker has no call for that: where the engine's processes are ours to signal
  we do, elsewhere docker_reaper.py does, by the mark in the command's environment.
- Nothing can be run in a paused container.

Follows pkg/kubelet/cri/streaming and cri-dockerd's core/exec.go.
"""

import errno
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import docker.errors

from supervisor.runtime.base import (
    ContainerPaused,
    EngineRefused,
    EngineUnavailable,
    ExecResult,
    NotFound,
    RuntimeFailure,
)
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.frames import Demultiplexer
from supervisor.runtime.docker.hijack import CutOff, Hijacked, OutOfTime, hijack
from supervisor.runtime.docker.kill import kill_in_container
from supervisor.runtime.docker.reaper import Reaper, new_mark

Json = Mapping[str, Any]

_FIRST_LOOK_SECONDS = 0.005
_LAST_LOOK_SECONDS = 0.5
_PAUSED = "is paused"
"""In Docker's words when it runs nothing in a container."""
_LONGEST_REASON = 4096
"""How much is kept of why a command cannot be started."""


class Session:
    """A running command, or a container that one is attached to."""

    def __init__(
        self,
        stream: Hijacked,
        *,
        tty: bool,
        exit_code: Callable[[], int | None],
        resize: Callable[[int, int], None],
        abandon: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._frames = Demultiplexer(tty=tty)
        self._pieces: list[tuple[int, bytes]] = []
        self._exit_code = exit_code
        self._resize = resize
        self._abandon = abandon
        self._closed = threading.Event()
        self._ended = False
        #: Whether there was input, which the command need not have read.
        self._was_fed = False

    def read(self) -> tuple[int, bytes] | None:
        while not self._pieces:
            data = self._next()
            if not data:
                self._ended = True
                return None
            self._pieces = self._frames.feed(data)
        return self._pieces.pop(0)

    def _next(self) -> bytes:
        """The next bytes; empty at the end. Raises EngineUnavailable when cut off."""
        try:
            data = self._stream.read()
        except CutOff:
            if not (self._was_fed and self._has_ended()):
                raise
            data = b""
        if not data and not self._stream.closed and self._frames.is_inside:
            raise EngineUnavailable("the Docker engine's answer ends in the middle")
        return data

    def _has_ended(self) -> bool:
        try:
            with translated():
                return self._exit_code() is not None
        except NotFound:
            return True

    def write(self, data: bytes) -> None:
        """Raises BrokenPipeError when the command takes no more."""
        self._was_fed = True
        try:
            self._stream.write(data)
        except CutOff as error:
            text = "the command takes no more input"
            raise BrokenPipeError(errno.EPIPE, text) from error

    def close_stdin(self) -> None:
        self._stream.close_write()

    def resize(self, width: int, height: int) -> None:
        with translated():
            self._resize(width, height)

    def exit_code(self) -> int:
        """Waits for a command that has closed its output and runs on."""
        with translated():
            for _ in _looks(self._closed):
                if (code := self._exit_code()) is not None:
                    return code
        raise EngineRefused("the session was closed before the command ended")

    def close(self) -> None:
        self._closed.set()
        self._stream.close()
        if not self._ended:
            self._abandon()


def open_exec(
    engine: Engine,
    reaper: Reaper,
    container_id: str,
    command: Sequence[str],
    *,
    stdin: bool,
    tty: bool,
) -> Session:
    mark = new_mark()
    exec_id = _create(engine, container_id, command, mark, stdin=stdin, tty=tty)
    stream = _start(engine, exec_id, tty=tty)
    session = Session(
        stream,
        tty=tty,
        exit_code=lambda: _exit_code(engine.api.exec_inspect(exec_id)),
        resize=lambda width, height: engine.api.exec_resize(exec_id, height, width),
        abandon=lambda: _end(engine, reaper, container_id, exec_id, mark),
    )
    with translated():
        for _ in _looks(session._closed):
            state = engine.api.exec_inspect(exec_id)
            # It counts as running from the request on, but has no process yet.
            if state["Pid"] or _exit_code(state) is not None:
                break
    if _never_ran(state):
        raise EngineRefused(_all(session))
    return session


def open_attach(
    engine: Engine, container_id: str, *, stdin: bool, tty: bool
) -> Session:
    with translated():
        inspected = engine.api.inspect_container(container_id)
    if not inspected["State"]["Running"]:
        raise NotFound(f"container {container_id[:12]} is not running")
    if inspected["State"]["Paused"]:
        raise ContainerPaused(f"container {container_id[:12]} is paused")
    query = {"stream": 1, "stdout": 1, "stderr": 1, "stdin": int(stdin)}

    def exit_code() -> int | None:
        state = engine.api.inspect_container(container_id)["State"]
        return None if state["Running"] else int(state["ExitCode"])

    return Session(
        hijack(engine, f"/containers/{container_id}/attach", query),
        tty=inspected["Config"]["Tty"],
        exit_code=exit_code,
        resize=lambda width, height: engine.api.resize(container_id, height, width),
        abandon=lambda: None,
    )


def run(
    engine: Engine,
    reaper: Reaper,
    container_id: str,
    command: Sequence[str],
    *,
    timeout: float,
    limit: int,
) -> ExecResult:
    """Run to the end or for `timeout` seconds, keeping `limit` bytes of each stream."""
    end = time.monotonic() + timeout
    mark = new_mark()
    exec_id = _create(engine, container_id, command, mark, stdin=False, tty=False)
    stream = _start(engine, exec_id, tty=False)
    kept: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
    most = max(limit, _LONGEST_REASON)
    frames = Demultiplexer(tty=False)
    try:
        while data := stream.read(end - time.monotonic()):
            for number, piece in frames.feed(data):
                kept[number] += piece[: most - len(kept[number])]
        state = _ended(engine, exec_id, end)
    except OutOfTime:
        stream.close()
        _end(engine, reaper, container_id, exec_id, mark)
        return ExecResult(None, _joined(kept, limit))
    finally:
        stream.release()
    if _never_ran(state):
        raise EngineRefused(_joined(kept, most).decode(errors="replace").strip())
    return ExecResult(_exit_code(state), _joined(kept, limit))


def _joined(kept: Mapping[int, bytearray], limit: int) -> bytes:
    return bytes(kept[1] + kept[2])[:limit]


def _ended(engine: Engine, exec_id: str, end: float) -> Json:
    """The state of a command whose output has ended; it itself may run on."""
    with translated():
        for _ in _looks(threading.Event()):
            state: Json = engine.api.exec_inspect(exec_id)
            if _exit_code(state) is not None:
                return state
            if time.monotonic() > end:
                break
    raise OutOfTime


def _looks(closed: threading.Event) -> Iterator[None]:
    """Now, and then less and less often until `closed`."""
    pause = _FIRST_LOOK_SECONDS
    while True:
        yield
        if closed.wait(pause):
            return
        pause = min(pause * 2, _LAST_LOOK_SECONDS)


def _create(
    engine: Engine,
    container_id: str,
    command: Sequence[str],
    mark: str,
    *,
    stdin: bool,
    tty: bool,
) -> str:
    with translated():
        try:
            made = engine.api.exec_create(
                container_id, list(command), environment=[mark], stdin=stdin, tty=tty
            )
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            text = str(error.explanation)
            raise (ContainerPaused if _PAUSED in text else NotFound)(text) from error
    return str(made["Id"])


def _start(engine: Engine, exec_id: str, *, tty: bool) -> Hijacked:
    body = {"Detach": False, "Tty": tty}
    try:
        return hijack(engine, f"/exec/{exec_id}/start", {}, body)
    except EngineRefused as error:
        if _PAUSED in str(error):
            raise ContainerPaused(str(error)) from error
        raise


def _exit_code(state: Json) -> int | None:
    return None if state["Running"] else state["ExitCode"]


def _never_ran(state: Json) -> bool:
    """The engine's own code for a command that it could not start, and no process."""
    return _exit_code(state) in (126, 127) and not state["Pid"]


def _all(session: Session) -> str:
    """Everything that is still to be read."""
    text = b""
    while piece := session.read():
        text += piece[1]
    session.close()
    return text.decode(errors="replace").strip()


def _end(
    engine: Engine, reaper: Reaper, container_id: str, exec_id: str, mark: str
) -> None:
    """Kill a command, now or as soon as the engine lets us."""
    try:
        with translated():
            state = engine.api.exec_inspect(exec_id)
    except NotFound:
        return
    except RuntimeFailure:
        reaper.end(container_id, exec_id, mark)
        return
    if not state["Running"]:
        return
    is_ours = engine.is_local and state["Pid"]
    if not (is_ours and kill_in_container(state["Pid"], container_id)):
        reaper.end(container_id, exec_id, mark)

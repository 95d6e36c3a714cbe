"""Run commands in containers.

Rules
- A command that cannot be started is refused before anything is streamed; the engine
  itself would send the reason as the command's output.
- A command that times out, or whose session is closed, is killed with all processes
  that it has started. Docker has no call for that: if the engine runs on this machine,
  kill.py sends signals; otherwise reaper.py finds the processes by a mark in the
  command's environment.
- Nothing can be executed in a paused container.

Follows pkg/kubelet/cri/streaming and cri-dockerd's core/exec.go.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import docker.errors

from supervisor.runtime.base import (
    ContainerPaused,
    EngineRefused,
    ExecResult,
    NotFound,
    RuntimeFailure,
)
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.streams.frames import Demultiplexer
from supervisor.runtime.docker.streams.hijack import Hijacked, OutOfTime, hijack
from supervisor.runtime.docker.streams.kill import kill_in_container
from supervisor.runtime.docker.streams.reaper import Reaper, new_mark
from supervisor.runtime.docker.streams.session import Session, pauses

Json = Mapping[str, Any]

_PAUSED = "is paused"
"""In Docker's message when it refuses to run anything in a container."""
_MAX_REASON_BYTES = 4096
"""How much is kept of why a command cannot be started."""


def open_exec(
    client: EngineClient,
    reaper: Reaper,
    container_id: str,
    command: Sequence[str],
    *,
    stdin: bool,
    tty: bool,
) -> Session:
    mark = new_mark()
    exec_id = _create(client, container_id, command, mark, stdin=stdin, tty=tty)
    stream = _start(client, exec_id, tty=tty)
    session = Session(
        stream,
        tty=tty,
        exit_code=lambda: _exit_code(client.api.exec_inspect(exec_id)),
        resize=lambda width, height: client.api.exec_resize(exec_id, height, width),
        abandon=lambda: _end(client, reaper, container_id, exec_id, mark),
    )
    with translated():
        for _ in pauses(session.closed):
            state = client.api.exec_inspect(exec_id)
            # It counts as running at once, but has no process yet.
            if state["Pid"] or _exit_code(state) is not None:
                break
    if _never_ran(state):
        raise EngineRefused(_all(session))
    return session


def run(
    client: EngineClient,
    reaper: Reaper,
    container_id: str,
    command: Sequence[str],
    *,
    timeout: float,
    limit: int,
) -> ExecResult:
    """Run a command for at most `timeout` seconds, keeping `limit` bytes of output."""
    end = time.monotonic() + timeout
    mark = new_mark()
    exec_id = _create(client, container_id, command, mark, stdin=False, tty=False)
    stream = _start(client, exec_id, tty=False)
    kept: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
    most = max(limit, _MAX_REASON_BYTES)
    frames = Demultiplexer(tty=False)
    try:
        while data := stream.read(end - time.monotonic()):
            for number, piece in frames.feed(data):
                kept[number] += piece[: most - len(kept[number])]
        state = _ended(client, exec_id, end)
    except OutOfTime:
        stream.close()
        _end(client, reaper, container_id, exec_id, mark)
        return ExecResult(None, _joined(kept, limit))
    finally:
        stream.close()
    if _never_ran(state):
        raise EngineRefused(_joined(kept, most).decode(errors="replace").strip())
    return ExecResult(_exit_code(state), _joined(kept, limit))


def _joined(kept: Mapping[int, bytearray], limit: int) -> bytes:
    return bytes(kept[1] + kept[2])[:limit]


def _ended(client: EngineClient, exec_id: str, end: float) -> Json:
    """Wait for a command whose output has ended; return its state. Raises OutOfTime."""
    with translated():
        for _ in pauses(threading.Event()):
            state: Json = client.api.exec_inspect(exec_id)
            if _exit_code(state) is not None:
                return state
            if time.monotonic() > end:
                break
    raise OutOfTime


def _create(
    client: EngineClient,
    container_id: str,
    command: Sequence[str],
    mark: str,
    *,
    stdin: bool,
    tty: bool,
) -> str:
    with translated():
        try:
            made = client.api.exec_create(
                container_id, list(command), environment=[mark], stdin=stdin, tty=tty
            )
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            text = str(error.explanation)
            raise (ContainerPaused if _PAUSED in text else NotFound)(text) from error
    return str(made["Id"])


def _start(client: EngineClient, exec_id: str, *, tty: bool) -> Hijacked:
    body = {"Detach": False, "Tty": tty}
    try:
        return hijack(client, f"/exec/{exec_id}/start", {}, body)
    except EngineRefused as error:
        if _PAUSED in str(error):
            raise ContainerPaused(str(error)) from error
        raise


def _exit_code(state: Json) -> int | None:
    return None if state["Running"] else state["ExitCode"]


def _never_ran(state: Json) -> bool:
    """Whether the engine could not start it: its exit code for that, and no process."""
    return _exit_code(state) in (126, 127) and not state["Pid"]


def _all(session: Session) -> str:
    """The rest of the output."""
    text = b""
    while piece := session.read():
        text += piece[1]
    session.close()
    return text.decode(errors="replace").strip()


def _end(
    client: EngineClient, reaper: Reaper, container_id: str, exec_id: str, mark: str
) -> None:
    """Kill a command, now or as soon as the engine allows it."""
    try:
        with translated():
            state = client.api.exec_inspect(exec_id)
    except NotFound:
        return
    except RuntimeFailure:
        reaper.end(container_id, exec_id, mark)
        return
    if not state["Running"]:
        return
    is_here = client.is_local and state["Pid"]
    if not (is_here and kill_in_container(state["Pid"], container_id)):
        reaper.end(container_id, exec_id, mark)

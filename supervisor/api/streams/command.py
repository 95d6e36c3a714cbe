"""Relays streams between a command in a container (exec, attach) and its client.

`relay` is independent of WebSocket and SPDY, which implement `Remote`.

Rules
- Each direction has a thread and at most one chunk in transit, so a slow side slows
  down the other.
- When the client disconnects, the session is closed. When the command ends, all of its
  output is sent before the status.
- Input that the command no longer reads is dropped.

Follows pkg/kubelet/cri/streaming/remotecommand/{exec,attach,httpstream}.go.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from supervisor.api.streams.options import CommandOptions
from supervisor.api.streams.workers import Worker, close_in_background
from supervisor.model.errors import ApiError, internal
from supervisor.model.meta import Object
from supervisor.model.streams import ExecSession, StreamFailure

_logger = logging.getLogger(__name__)

STDOUT = 1
STDERR = 2
_MAX_SIZE_LENGTH = 4096

T = TypeVar("T")


@dataclass(frozen=True)
class Stdin:
    data: bytes


@dataclass(frozen=True)
class StdinEnd:
    pass


@dataclass(frozen=True)
class Resize:
    width: int
    height: int


Input: TypeAlias = Stdin | StdinEnd | Resize


class Remote(Protocol):
    """The client's side of a command."""

    def inputs(self) -> AsyncGenerator[Input, None]:
        """Input of the client; ends when the client has disconnected."""

    async def output(self, stream: int, data: bytes) -> None:
        """Send output; waits while the client is slow. Raises ConnectionError."""

    async def finish(self, status: Object) -> None:
        """Send the final status and close the connection. Raises ConnectionError."""

    def close(self) -> None:
        """Close the connection immediately."""


@dataclass(frozen=True)
class Started:
    """A session, and how its end is handled."""

    session: ExecSession
    has_exit_code: bool
    """Whether it has an exit code; true for exec."""
    closes_stdin: bool
    """Whether the end of the client's input closes the stdin of the command."""

    def close(self) -> None:
        self.session.close()


async def relay(started: Started, remote: Remote, options: CommandOptions) -> None:
    """Relay in both directions until the command ends or the client disconnects."""
    with Worker("stream-in") as writer, Worker("stream-out") as reader:
        output = asyncio.ensure_future(_send_output(started, remote, options, reader))
        input_ = asyncio.ensure_future(_send_input(started, remote, options, writer))
        try:
            await asyncio.wait({output, input_}, return_when=asyncio.FIRST_COMPLETED)
            if not output.done():
                return input_.result()
            input_.cancel()
            await asyncio.wait({input_})
            await remote.finish(output.result())
        except ConnectionError:
            _logger.debug("the client disconnected before the final status")
        finally:
            output.cancel()
            input_.cancel()
            close_in_background(started)
            remote.close()


async def _send_output(
    started: Started, remote: Remote, options: CommandOptions, reader: Worker
) -> Object:
    """Send all output; return the final status. Raises ConnectionError."""
    session = started.session
    enabled = {STDOUT: options.stdout, STDERR: options.stderr}
    try:
        while (piece := await _call(reader, session.read)) is not None:
            stream, data = piece
            if enabled[stream] and data:
                await remote.output(stream, data)
        if not started.has_exit_code:
            return SUCCESS
        return status(await _call(reader, session.exit_code))
    except ApiError as error:
        return error.status()


async def _call(worker: Worker, call: Callable[[], T]) -> T:
    """Call a method of the session; raises every error as an ApiError."""
    try:
        return await worker.run(call)
    except ApiError:
        raise
    except Exception as error:
        if isinstance(error, (OSError, StreamFailure)):
            _logger.info("the stream of a command was interrupted: %s", error)
        else:
            _logger.warning("the stream of a command failed", exc_info=True)
        text = f"error executing command in container: {error}"
        raise internal(text) from error


async def _send_input(
    started: Started, remote: Remote, options: CommandOptions, writer: Worker
) -> None:
    """Return when the client has disconnected."""
    session = started.session
    enabled = options.stdin
    async with aclosing(remote.inputs()) as inputs:
        async for event in inputs:
            try:
                match event:
                    case Stdin(data) if enabled:
                        await writer.run(session.write, data)
                    case StdinEnd() if enabled and started.closes_stdin:
                        enabled = False
                        await writer.run(session.close_stdin)
                    case Resize(width, height) if options.tty:
                        await writer.run(session.resize, width, height)
            except (OSError, StreamFailure) as error:
                enabled = False
                _logger.debug("the command accepts no more input: %s", error)
            except Exception:
                enabled = False
                _logger.warning("the input of a command failed", exc_info=True)


SUCCESS: Object = {"metadata": {}, "status": "Success"}


def status(exit_code: int) -> Object:
    """The exit code of a command as a Status."""
    if exit_code == 0:
        return SUCCESS
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {exit_code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(exit_code)}]},
    }


class Sizes:
    """Decodes terminal sizes from a stream of JSON objects, in chunks of any size."""

    def __init__(self) -> None:
        self._text = ""
        self._decoder = json.JSONDecoder()

    def feed(self, data: bytes) -> Iterator[Resize]:
        """The sizes completed by `data`; invalid values are dropped."""
        self._text += data.decode(errors="replace")
        while self._text:
            try:
                value, end = self._decoder.raw_decode(self._text)
            except json.JSONDecodeError:
                if len(self._text) > _MAX_SIZE_LENGTH:
                    self._text = ""
                return
            self._text = self._text[end:].lstrip()
            size = _size(value)
            if size is not None:
                yield size


def _size(value: Any) -> Resize | None:
    if not isinstance(value, dict):
        return None
    width, height = value.get("Width"), value.get("Height")
    if not (isinstance(width, int) and isinstance(height, int)):
        return None
    return Resize(width, height) if 0 < width < 65536 and 0 < height < 65536 else None

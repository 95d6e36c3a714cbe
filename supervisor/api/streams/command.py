"""Relay a command that runs in a container, or one attached to, to its user.

`relay` knows neither WebSocket nor SPDY: they are two kinds of `Remote`.

Rules
- Each direction has a thread, and one piece under way: who is slow slows the other.
- When the user leaves, the session is closed; when the command ends, all of its output
  is sent before the outcome.
- Input that the command does not want any more is dropped.

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
from supervisor.api.streams.workers import Worker, close_soon
from supervisor.model.errors import ApiError, internal
from supervisor.model.meta import Object
from supervisor.model.streams import ExecSession, StreamFailure

_logger = logging.getLogger(__name__)

STDOUT = 1
STDERR = 2
_MAX_SIZE_TEXT = 4096

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
    """The user's end of a command."""

    def inputs(self) -> AsyncGenerator[Input, None]:
        """What the user does; ends when the user is gone."""

    async def output(self, stream: int, data: bytes) -> None:
        """Show; waits while the user is slow. Raises ConnectionError."""

    async def finish(self, status: Object) -> None:
        """Tell the outcome and part."""

    def close(self) -> None:
        """Drop the connection."""


@dataclass(frozen=True)
class Started:
    """A session, and what its ends mean."""

    session: ExecSession
    exits: bool
    """It has an exit code, as an exec has."""
    ends_input: bool
    """The end of the user's input is the command's, too."""

    def close(self) -> None:
        self.session.close()


async def relay(started: Started, remote: Remote, options: CommandOptions) -> None:
    """Carry everything both ways until the command ends or the user leaves."""
    with Worker("stream-in") as writer, Worker("stream-out") as reader:
        showing = asyncio.ensure_future(_show(started, remote, options, reader))
        feeding = asyncio.ensure_future(_feed(started, remote, options, writer))
        try:
            await asyncio.wait({showing, feeding}, return_when=asyncio.FIRST_COMPLETED)
            if not showing.done():
                return feeding.result()
            feeding.cancel()
            await asyncio.wait({feeding})
            await remote.finish(showing.result())
        except ConnectionError:
            _logger.debug("the user left before the outcome")
        finally:
            showing.cancel()
            feeding.cancel()
            close_soon(started)
            remote.close()


async def _show(
    started: Started, remote: Remote, options: CommandOptions, reader: Worker
) -> Object:
    """The outcome, after all output. Raises ConnectionError when the user is gone."""
    session = started.session
    wanted = {STDOUT: options.stdout, STDERR: options.stderr}
    try:
        while (piece := await _ask(reader, session.read)) is not None:
            stream, data = piece
            if wanted[stream] and data:
                await remote.output(stream, data)
        if not started.exits:
            return SUCCESS
        return status(await _ask(reader, session.exit_code))
    except ApiError as error:
        return error.status()


async def _ask(worker: Worker, call: Callable[[], T]) -> T:
    """What the session answers; whatever goes wrong there is an ApiError."""
    try:
        return await worker.run(call)
    except ApiError:
        raise
    except Exception as error:
        if isinstance(error, (OSError, StreamFailure)):
            _logger.info("a command's stream broke off: %s", error)
        else:
            _logger.warning("a command's stream failed", exc_info=True)
        text = f"error executing command in container: {error}"
        raise internal(text) from error


async def _feed(
    started: Started, remote: Remote, options: CommandOptions, writer: Worker
) -> None:
    """Ends when the user is gone."""
    session = started.session
    wanted = options.stdin
    async with aclosing(remote.inputs()) as inputs:
        async for event in inputs:
            try:
                match event:
                    case Stdin(data) if wanted:
                        await writer.run(session.write, data)
                    case StdinEnd() if wanted and started.ends_input:
                        wanted = False
                        await writer.run(session.close_stdin)
                    case Resize(width, height) if options.tty:
                        await writer.run(session.resize, width, height)
            except (OSError, StreamFailure) as error:
                wanted = False
                _logger.debug("the command takes no more input: %s", error)
            except Exception:
                wanted = False
                _logger.warning("a command's input failed", exc_info=True)


SUCCESS: Object = {"metadata": {}, "status": "Success"}


def status(exit_code: int) -> Object:
    """The outcome of a command as a Status."""
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
    """Reads terminal sizes out of a stream of JSON objects, however it is cut."""

    def __init__(self) -> None:
        self._text = ""
        self._decoder = json.JSONDecoder()

    def feed(self, data: bytes) -> Iterator[Resize]:
        """The sizes that are complete now; what is no size is dropped."""
        self._text += data.decode(errors="replace")
        while self._text:
            try:
                value, end = self._decoder.raw_decode(self._text)
            except json.JSONDecodeError:
                if len(self._text) > _MAX_SIZE_TEXT:
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

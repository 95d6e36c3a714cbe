"""What stands before a node's engine and can misbehave in its place.

It listens at the node's own address, in the node's own network, so that whatever
happens to that network happens to it, and speaks to the engine through its socket. It
belongs to the process that made it. TLS is as the engine's: the lab's authority, and a
client certificate is asked for.

Rules
- A change is for what comes after it, and ends what is under way, so that clients
  notice; `hang` lets connections stand instead.
- Every request has a connection of its own, as `Connection: close` tells the client.
"""

import asyncio
import ctypes
import os
import socket
import ssl
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lab.behaviour import Behaviour, Fault, plain_answer
from tests.lab.certificates import Flaw
from tests.lab.endpoint import Endpoint

if TYPE_CHECKING:
    from tests.lab.node import Node

PORT = 2476
_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET, of setns(2)."""
_GARBAGE = b"\x00\x15\x03\x01 what is this\r\n" * 8
_HEAD_BYTES = 1 << 16
_PIECE_BYTES = 1 << 16
_SECONDS = 10
_GOODBYE_SECONDS = 0.2
"""For a client to agree that the connection ends."""


class Relay:
    def __init__(self, node: "Node") -> None:
        self._node = node
        self._behaviour = Behaviour()
        self._flaw = Flaw.NONE
        #: (method, target) of every request so far, in order.
        self.seen: list[tuple[str, str]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        #: The rest is touched by the loop's thread only.
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def endpoint(self, flaw: Flaw = Flaw.NONE) -> Endpoint:
        """With a client certificate that has the flaw."""
        usual = self._node.endpoint(flaw)
        return replace(usual, url=f"tcp://{self._node.address}:{PORT}")

    # -- faults
    def answer(self, status: int, body: str = "", *, only: str = "") -> None:
        """Answer so instead of the engine, in JSON unless `body` says otherwise."""
        said = body or '{"message":"the lab says no"}\n'
        self._change(Fault.ANSWER, only, status=status, body=said.encode())

    def garbage(self, *, only: str = "") -> None:
        """Answer with something that is no HTTP."""
        self._change(Fault.GARBAGE, only)

    def hang(self, *, only: str = "") -> None:
        """Take requests and answer none."""
        self._change(Fault.HANG, only)

    def drop(self, *, only: str = "") -> None:
        """Close the connection without an answer."""
        self._change(Fault.DROP, only)

    def cut(self, after: int = 100, *, only: str = "") -> None:
        """Let the engine do it, and close after so many bytes of its answer."""
        self._change(Fault.CUT, only, cut_after=after)

    def delay(self, seconds: float) -> None:
        """Wait before every request goes on."""
        self._behave(replace(self._behaviour, delay_seconds=seconds))

    def report_version(self, api_version: str) -> None:
        """Be an engine that knows no newer API than this."""
        self._behave(replace(self._behaviour, api_version=api_version))

    def shift_clock(self, seconds: int) -> None:
        """Be on a host whose clock is so far ahead, or behind."""
        self._behave(replace(self._behaviour, clock_seconds=seconds))

    def present(self, flaw: Flaw) -> None:
        """Show a certificate with the flaw from now on."""
        self._flaw = flaw
        self._wait(self._listen())

    def heal(self) -> None:
        """Pass everything, unchanged."""
        if self._flaw is not Flaw.NONE:
            self.present(Flaw.NONE)
        self._behave(Behaviour())

    def _change(self, fault: Fault, only: str, **details: object) -> None:
        self._behave(self._behaviour.with_fault(fault, only=only, **details))

    def _behave(self, behaviour: Behaviour) -> None:
        async def change() -> None:
            self._behaviour = behaviour
            if behaviour.fault is Fault.HANG and not behaviour.only:
                self._flowing.clear()
                return
            self._flowing.set()
            await self._end_all()

        self._wait(change())

    # -- life
    def listen(self) -> "Relay":
        """Also again, once the node is back with a new network."""
        self._wait(self._listen())
        return self

    def abandon(self) -> None:
        """End all connections and listen no more, as the node does not."""
        self._wait(self._stop())

    def close(self) -> None:
        self.abandon()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _listen(self) -> None:
        await self._stop()
        listener = _socket_in(self._node.namespace, self._node.address)
        context = self._context()
        self._server = await asyncio.start_server(
            self._accept,
            sock=listener,
            ssl=context,
            ssl_shutdown_timeout=_GOODBYE_SECONDS if context else None,
            limit=_HEAD_BYTES,
        )

    def _context(self) -> ssl.SSLContext | None:
        if self._node.endpoint().identity is None:
            return None
        shown = self._node.identity(self._flaw)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=shown.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(shown.certificate, shown.key)
        return context

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._end_all()

    async def _end_all(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- one connection
    async def _accept(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(client, to_client)
        finally:
            await _closed(to_client)
            self._tasks.discard(task)

    async def _serve(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        head = await client.readuntil(b"\r\n\r\n")
        method, target = head.decode("latin-1").split(" ", 2)[:2]
        self.seen.append((method, target))
        behaviour = self._behaviour
        if (refusal := behaviour.refusal(target)) is not None:
            to_client.write(refusal)
            return
        met = behaviour.meets(method, target)
        if met and behaviour.fault is not Fault.CUT:
            await self._misbehave(behaviour, to_client)
            return
        await asyncio.sleep(behaviour.delay_seconds)
        engine, to_engine = await asyncio.open_unix_connection(self._node.socket)
        try:
            to_engine.write(behaviour.forwarded(head))
            limit = behaviour.cut_after if met else None
            there = self._copy(client, to_engine)
            back = self._back(engine, to_client, behaviour, target=target, limit=limit)
            await _first(there, back)
        finally:
            await _closed(to_engine)

    async def _misbehave(
        self, behaviour: Behaviour, to_client: asyncio.StreamWriter
    ) -> None:
        match behaviour.fault:
            case Fault.ANSWER:
                to_client.write(plain_answer(behaviour.status, behaviour.body))
            case Fault.GARBAGE:
                to_client.write(_GARBAGE)
            case Fault.HANG:
                await asyncio.Event().wait()  # until the next change cancels it

    async def _copy(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter
    ) -> None:
        while piece := await source.read(_PIECE_BYTES):
            await self._flowing.wait()
            to.write(piece)
            await to.drain()

    async def _back(
        self,
        engine: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        behaviour: Behaviour,
        *,
        target: str,
        limit: int | None,
    ) -> None:
        """The answer to the client: as it is, cut off, or changed line by line."""
        if limit is not None:
            to.write(await engine.read(limit))
            await to.drain()
        elif not behaviour.changes(target):
            await self._copy(engine, to)
        else:
            await self._copy_changed(engine, to, behaviour, target)

    async def _copy_changed(
        self,
        engine: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        behaviour: Behaviour,
        target: str,
    ) -> None:
        held = b""
        while piece := await engine.read(_PIECE_BYTES):
            whole, newline, held = (held + piece).rpartition(b"\n")
            await self._flowing.wait()
            to.write(behaviour.changed(whole + newline, target))
            await to.drain()
        to.write(behaviour.changed(held, target))
        await to.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()


async def _first(*work: Coroutine[Any, Any, None]) -> None:
    """Until one of them is done; the others are cancelled."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _socket_in(namespace: str, address: str) -> socket.socket:
    """A listening socket of another network: it stays where it was made."""

    def make() -> socket.socket:
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/run/netns", namespace).open() as there:
            if libc.setns(there.fileno(), _NEW_NETWORK):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        listener = socket.create_server((address, PORT))
        # Inherited by what is accepted; asyncio would not set it on such sockets.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener

    # A thread of its own enters that network, and ends in it.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make).result()

"""The bytes of a client's connection, in memory.

A test feeds what the client sends and sees what it was sent. Bytes fed are read one
feeding at a time, so a test decides how they are cut.
"""

import asyncio
from collections import deque


class FakeWire:
    def __init__(self, *pieces: bytes) -> None:
        self._pieces = deque(pieces)
        self._ended = False
        self._changed = asyncio.Event()
        self.written = bytearray()
        self.closed = False
        #: Made true, writing fails as it does when the client has left.
        self.broken = False

    def feed(self, data: bytes) -> None:
        self._pieces.append(data)
        self._changed.set()

    def end(self) -> None:
        """The client leaves."""
        self._ended = True
        self._changed.set()

    async def read(self) -> bytes:
        while not self._pieces and not self._ended and not self.closed:
            self._changed.clear()
            await self._changed.wait()
        return self._pieces.popleft() if self._pieces else b""

    async def write(self, data: bytes) -> None:
        if self.broken or self.closed:
            raise ConnectionResetError("the client is gone")
        self.written += data
        # Lets others run, as a real write may.
        await asyncio.sleep(0)

    def close(self) -> None:
        self.closed = True
        self._changed.set()

    def take(self) -> bytes:
        """What was written since the last call."""
        data = bytes(self.written)
        self.written.clear()
        return data


async def settle() -> None:
    """Let every coroutine that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)

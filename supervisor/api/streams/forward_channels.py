"""Port-forward over WebSocket channels, as used by the Python client.

The i-th port of the query has channel 2i for data and 2i+1 for errors. The server opens
each channel by sending the port as two bytes, little-endian.

Rules
- Each port is one connection, made immediately. The WebSocket is closed when all
  connections have ended.
- The protocol has no end of input: a connection ends when the pod closes it.

Follows pkg/kubelet/cri/streaming/portforward/websocket.go.
"""

import asyncio
import logging
from collections.abc import Sequence

from supervisor.api.streams.forward import Forwarder, ForwardError, Inbox
from supervisor.api.streams.websocket import WebSocket

_logger = logging.getLogger(__name__)


class ChannelTunnel:
    def __init__(
        self, websocket: WebSocket, forwarder: Forwarder, ports: Sequence[int]
    ) -> None:
        self._websocket = websocket
        self._forwarder = forwarder
        self._ports = ports
        self._inboxes = [Inbox() for _ in ports]

    async def run(self) -> None:
        """Serve until all connections have ended or the client has disconnected."""
        serving = asyncio.ensure_future(self._serve_all())
        receiving = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait(
                {serving, receiving}, return_when=asyncio.FIRST_COMPLETED
            )
            if serving.done():
                receiving.cancel()
                await asyncio.wait({receiving})
                await self._websocket.close()
        finally:
            serving.cancel()
            receiving.cancel()
            self._websocket.drop()

    async def _serve_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for index in range(len(self._ports)):
                group.create_task(self._serve(index))

    async def _serve(self, index: int) -> None:
        data, error = bytes([2 * index]), bytes([2 * index + 1])
        port = self._ports[index]
        try:
            for channel in (data, error):
                await self._websocket.send(channel + port.to_bytes(2, "little"))
            await self._forwarder.forward(
                port,
                self._inboxes[index],
                lambda piece: self._websocket.send(data + piece),
            )
        except ForwardError as failure:
            _logger.info("%s", failure)
            await self._send_error(error + str(failure).encode())
        except ConnectionError:
            _logger.debug("the client of a port-forward has disconnected")
        finally:
            await self._inboxes[index].discard()

    async def _send_error(self, message: bytes) -> None:
        try:
            await self._websocket.send(message)
        except ConnectionError:
            _logger.debug("the client of a port-forward has disconnected")

    async def _receive(self) -> None:
        channel = -1
        while (piece := await self._websocket.receive()) is not None:
            data = piece.data
            if piece.first:
                channel, data = (data[0], data[1:]) if data else (-1, b"")
            index, is_error = divmod(channel, 2)
            if 0 <= index < len(self._inboxes) and not is_error:
                await self._inboxes[index].put(data)

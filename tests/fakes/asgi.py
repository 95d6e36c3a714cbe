"""Requests to an ASGI application, in this process and without a socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    code: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k == name), "")

    def all(self, name: str) -> list[str]:
        return [v for k, v in self.headers if k == name]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Asgi:
    """Speaks for one user: every request carries `token`, if there is one."""

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        self._app = app
        self._token = token

    def __call__(
        self, method: str, url: str, body: Any = None, **headers: str
    ) -> Answer:
        """Header names are given with `_` for `-`. A body that is no bytes is JSON."""
        return asyncio.run(self._one(method, url, body, headers))

    async def _one(
        self, method: str, url: str, body: Any, headers: dict[str, str]
    ) -> Answer:
        sent: list[Message] = []

        unread = [_raw(body)]

        async def receive() -> Message:
            if not unread:
                # A client that stays has nothing more to say.
                await asyncio.Event().wait()
            return {"type": "http.request", "body": unread.pop(), "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(self._scope(method, url, headers), receive, send)
        start, rest = sent[0], sent[1:]
        pairs = [(k.decode(), v.decode("latin-1")) for k, v in start["headers"]]
        content = b"".join(message.get("body", b"") for message in rest)
        return Answer(start["status"], pairs, content)

    @asynccontextmanager
    async def watch(self, url: str, **headers: str) -> AsyncIterator["Lines"]:
        """An answer that is read line by line; leaving it is closing the connection."""
        lines = Lines()
        task = asyncio.ensure_future(
            self._app(self._scope("GET", url, headers), lines.receive, lines.send)
        )
        try:
            yield lines
        finally:
            lines.leave()
            await asyncio.wait_for(task, 10)

    def _scope(self, method: str, url: str, headers: dict[str, str]) -> dict[str, Any]:
        path, _, query = url.partition("?")
        if self._token:
            headers = {"authorization": f"Bearer {self._token}", **headers}
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "https",
            "query_string": query.encode(),
            "headers": [
                (k.replace("_", "-").encode(), v.encode("latin-1"))
                for k, v in headers.items()
            ],
        }


class Lines:
    """What a watch has sent, one JSON value per line."""

    def __init__(self) -> None:
        self.code = 0
        self.ended = False
        self._left = asyncio.Event()
        self._arrived = asyncio.Queue[bytes]()
        self._rest = b""

    async def receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.code = message["status"]
        elif message.get("body"):
            self._arrived.put_nowait(message["body"])
        elif not message.get("more_body"):
            self.ended = True

    async def next(self) -> Any:
        while b"\n" not in self._rest:
            self._rest += await asyncio.wait_for(self._arrived.get(), 10)
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def leave(self) -> None:
        self._left.set()


def _raw(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()

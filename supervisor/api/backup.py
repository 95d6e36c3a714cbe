"""GET /apis/supervisor.io/v1/backup: download a verified copy of the store.

The copy is made while the store is in use. It contains Secrets unencrypted.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.http.verbs import not_allowed
from supervisor.api.streams.workers import Worker
from supervisor.model.errors import internal
from supervisor.store.base import StoreError

PATH = "/apis/supervisor.io/v1/backup"
_CHUNK_BYTES = 1 << 18


def routes(copy_to: Callable[[Path], None]) -> list[Route]:
    """`copy_to(path)` writes the copy to a new file. Raises StoreError, OSError."""
    return [Route(PATH, _Endpoint(copy_to), methods=None)]


class _Endpoint:
    def __init__(self, copy_to: Callable[[Path], None]) -> None:
        self._copy_to = copy_to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if Request(scope, receive).method != "GET":
            raise not_allowed()
        with Worker("backup") as worker:
            answer = await worker.run(self._answer)
        await answer(scope, receive, send)

    def _answer(self) -> Response:
        # Not in the state folder: its disk may be full or failing.
        folder = tempfile.TemporaryDirectory(prefix="supervisor-backup-")
        try:
            path = Path(folder.name) / "store.db"
            self._copy_to(path)
            size = path.stat().st_size
        except (StoreError, OSError) as error:
            folder.cleanup()
            raise internal(f"cannot create the backup: {error}") from error
        headers = {"content-length": str(size)}
        media_type = "application/vnd.sqlite3"
        chunks = _chunks(path, folder)
        return StreamingResponse(chunks, media_type=media_type, headers=headers)


def _chunks(path: Path, folder: "tempfile.TemporaryDirectory[str]") -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk

"""The least that an HTTPS API in Python with a durable store costs: a rival for ours.

`python -m benchmarks.plain_api FOLDER`: uvicorn and Starlette alone, with `cert.pem`
and `key.pem` of the folder. GET /N answers N bytes; POST /N decodes the JSON of its
body, has SQLite put it on the disk, and answers N bytes. The port is printed once it
listens.
"""

import asyncio
import json
import socket
import sqlite3
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def _app(database: sqlite3.Connection) -> Starlette:
    async def answer(request: Request) -> Response:
        if request.method == "POST":
            text = json.dumps(json.loads(await request.body()))
            await asyncio.to_thread(_keep, database, text)
        size = int(request.path_params["size"])
        return Response(b" " * size, media_type="application/json")

    return Starlette(routes=[Route("/{size}", answer, methods=["GET", "POST"])])


def _keep(database: sqlite3.Connection, text: str) -> None:
    with database:
        database.execute("insert into objects values (?)", [text])


def main(folder: Path) -> None:
    database = sqlite3.connect(folder / "plain.db", check_same_thread=False)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table objects (value text)")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        _app(database),
        http="h11",
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=600,
        ssl_certfile=folder / "cert.pem",
        ssl_keyfile=folder / "key.pem",
    )
    print(listener.getsockname()[1], flush=True)
    listener.listen(16)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

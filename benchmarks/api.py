"""How long the API takes: requests one after another on a kept connection.

Beside it, answers of the same size by the least that Python can do it with
(benchmarks/plain_api.py). Each round asks both in turn; a figure is the median of the
rounds' p50, or of their p99.
"""

import http.client
import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.report import Figure, ratio
from supervisor.client import kubeconfig
from tests.certificate import self_signed
from tests.daemon import Daemon

_PATH = "/api/v1/namespaces/default/configmaps"
OBJECTS = 50
"""How many a list answers."""
_ROUNDS = 7
_REQUESTS = 200
_WARM_UP = 20

Ask = Callable[[int], tuple[str, str, bytes]]
"""Method, path and body of a request, by its number."""


class Caller:
    """A kept connection to one server."""

    def __init__(self, url: str, authority: bytes, headers: dict[str, str]) -> None:
        context = ssl.create_default_context(cadata=authority.decode())
        context.check_hostname = False
        parts = urlsplit(url)
        self._connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=30, context=context
        )
        self._headers = headers
        self._asked = 0

    def answer(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content

    def milliseconds(self, ask: Ask) -> list[float]:
        """Of each of a round's requests."""
        taken = []
        for _ in range(_REQUESTS):
            self._asked += 1
            method, path, body = ask(self._asked)
            begin = time.perf_counter()
            self.answer(method, path, body)
            taken.append(1000 * (time.perf_counter() - begin))
        return taken

    def close(self) -> None:
        self._connection.close()


def measure(daemon: Daemon, rounds: int = _ROUNDS) -> list[Figure]:
    access = kubeconfig.load(daemon.kubeconfig)
    headers = {"Authorization": f"Bearer {access.token}"}
    ours = Caller(access.server, access.ca or b"", headers)
    for number in range(OBJECTS):
        ours.answer("POST", _PATH, _config_map(f"listed-{number}"))
    try:
        with _plain() as plain:
            return [
                *_beside("GET", rounds, ours, plain, _get),
                *_beside("LIST", rounds, ours, plain, _list),
                *_beside("create", rounds, ours, plain, _create),
            ]
    finally:
        ours.close()


def _config_map(name: str) -> bytes:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {"key": "value" * 20},
    }
    return json.dumps(body).encode()


def _get(number: int) -> tuple[str, str, bytes]:
    return "GET", f"{_PATH}/listed-{number % OBJECTS}", b""


def _list(_: int) -> tuple[str, str, bytes]:
    # What `create` makes besides is in another namespace.
    return "GET", _PATH, b""


def _create(number: int) -> tuple[str, str, bytes]:
    return "POST", _PATH.replace("default", "kube-public"), _config_map(f"n-{number}")


def _beside(
    verb: str, rounds: int, ours: Caller, plain: Caller, ask: Ask
) -> Iterator[Figure]:
    """p50 and p99 of both, and their ratios."""
    size = 0
    for number in range(1, _WARM_UP):
        method, path, body = ask(-number)
        size = len(ours.answer(method, path, body))
        plain.answer(method, f"/{size}", body)

    def ask_plain(number: int) -> tuple[str, str, bytes]:
        method, _, body = ask(number)
        return method, f"/{size}", body

    taken = [
        (
            _percentiles(ours.milliseconds(ask)),
            _percentiles(plain.milliseconds(ask_plain)),
        )
        for _ in range(rounds)
    ]
    for index, percentile in enumerate(("p50", "p99")):
        name = f"{verb}, {percentile}"
        first = Figure(f"{name}, ours", [o[index] for o, _ in taken], "ms")
        second = Figure(f"{name}, plain", [p[index] for _, p in taken], "ms")
        yield first
        yield second
        yield ratio(f"{name}, ours / plain", first, second)


def _percentiles(taken: list[float]) -> tuple[float, float]:
    cuts = quantiles(taken, n=100)
    return cuts[49], cuts[98]


@contextmanager
def _plain() -> Iterator[Caller]:
    with tempfile.TemporaryDirectory(prefix="plain-") as folder:
        certificate, _ = self_signed(Path(folder))
        argv = [sys.executable, "-m", "benchmarks.plain_api", folder]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                port = process.stdout.readline().strip()
                url = f"https://127.0.0.1:{port}"
                caller = Caller(url, certificate.read_bytes(), {})
                yield caller
                caller.close()
            finally:
                process.terminate()

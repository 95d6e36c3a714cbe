"""The hosts of the lab: Docker engines in namespaces of this machine, and a daemon."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.local_daemon import LocalDaemon
from scripts.telling import ROOT, Failed, Telling
from tests.lab import Lab, LabError

_WORK = ROOT / ".work"
_FOLDER = _WORK / "hosts"
_NETWORK = "10.120"
_COUNT = 3
_COMMAND = f"python -m tests.lab --folder .work/hosts --network {_NETWORK}"


@contextmanager
def _told() -> Iterator[None]:
    """What the lab cannot do ends the demo in its own words."""
    try:
        yield
    except LabError as error:
        raise Failed(str(error)) from error


class LabHosts:
    """Satisfies scripts.hosts.Hosts."""

    def __init__(self) -> None:
        self._daemon = LocalDaemon(_WORK / "demo-nodes")
        self._lab = Lab(_FOLDER, _NETWORK)
        self._kept = False

    @property
    def kubeconfig(self) -> Path:
        return self._daemon.kubeconfig

    def __enter__(self) -> "LabHosts":
        return self

    def __exit__(self, *_: object) -> None:
        if self._kept:
            return
        self._daemon.end()
        self._lab.down()
        self._daemon.forget()

    def up(self, telling: Telling) -> None:
        telling.typed(f"{_COMMAND} up {_COUNT} --internet")
        begun = time.monotonic()
        with _told():
            # An earlier run may have been killed, or kept.
            self._lab.down().up(_COUNT, tls=True, internet=True)
        telling.typed("supervisor daemon --config demo.yaml")
        # JSON is YAML, too.
        self._daemon.start(
            json.dumps({"nodes": [self._node(n) for n in self._numbers()]})
        )

        def check() -> str:
            self._daemon.ready_nodes(telling)
            return f"pods on {_NETWORK}.0.0/16" if self.kubeconfig.exists() else ""

        what = "three hosts and a supervisor are started"
        telling.until(what, check, since=begun)

    def _numbers(self) -> range:
        return range(1, _COUNT + 1)

    def _node(self, number: int) -> dict[str, Any]:
        endpoint = self._lab.endpoint(number)
        assert endpoint.identity is not None
        return {
            "name": f"node{number}",
            "engine": endpoint.url,
            "tls": {
                "caFile": str(endpoint.identity.ca),
                "certFile": str(endpoint.identity.certificate),
                "keyFile": str(endpoint.identity.key),
            },
        }

    def kill(self, name: str, telling: Telling) -> None:
        telling.typed(f"{_COMMAND} kill {_number(name)}")
        with _told():
            self._lab.kill(_number(name))

    def start(self, name: str, telling: Telling) -> None:
        telling.typed(f"{_COMMAND} start {_number(name)}")
        with _told():
            self._lab.start(_number(name))

    def load(self, image: str, telling: Telling) -> None:
        telling.typed(f"{_COMMAND} load {image}")
        with _told():
            self._lab.load(image)

    def containers(self, name: str) -> list[str]:
        client = self._lab.endpoint(_number(name)).client()
        try:
            found = client.containers(all=True)
        finally:
            client.close()
        return [str(c["Names"][0]).lstrip("/") for c in found if c["Names"]]

    def keep(self) -> None:
        self._kept = True

    def down(self) -> None:
        self._daemon.end()
        if _FOLDER.exists():
            self._lab.down()
        self._daemon.forget()

    def log(self) -> str:
        if not self._daemon.log.exists():
            return ""
        return "\n".join(self._daemon.log.read_text().splitlines()[-40:])


def _number(name: str) -> int:
    return int(name.removeprefix("node"))

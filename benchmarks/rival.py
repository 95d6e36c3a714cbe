"""What runs replicas on the hosts of a lab: ours and its rival behind one contract.

Both are looked at in the same way, past their own word: by what runs on the engines.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from tests.lab import Lab

IMAGE = "supervisor/busybox"
SCRIPT = ["sh", "-c", "trap exit TERM; sleep 1000000 & wait"]
"""Waits without waking, and ends when it is told to."""
APP = "app"
_LOOK_SECONDS = 0.1


class Rival(Protocol):
    name: str

    def open(self) -> None:
        """Take all nodes of the lab; return when they can run replicas."""

    def scale(self, replicas: int) -> None:
        """Ask for so many, and return at once; the first time, create what runs."""

    def labels(self) -> list[str]:
        """What its replicas' containers bear, and nothing else does."""

    def close(self) -> None:
        """Leave nothing of it on any node, all of which are up."""


class Engines:
    """The engines of a lab, at sockets that no fault of the network touches."""

    def __init__(self, lab: Lab) -> None:
        self.clients: dict[int, Any] = {}
        for number in lab.numbers():
            endpoint = lab.node(number).inner_endpoint()
            self.clients[number] = endpoint.client(timeout=60)

    def running(self, labels: list[str], on: Sequence[int]) -> dict[int, int]:
        """How many containers with the labels run, by node."""
        chosen = {"label": labels, "status": "running"}

        def count(number: int) -> int:
            return len(self.clients[number].containers(filters=chosen))

        with ThreadPoolExecutor(len(on)) as pool:
            return dict(zip(on, pool.map(count, on), strict=True))

    def wait_running(
        self, labels: list[str], replicas: int, on: Sequence[int], within: float
    ) -> dict[int, int]:
        """Until so many run on these nodes; how they are spread then."""
        found: dict[int, int] = {}

        def are_there() -> bool:
            found.update(self.running(labels, on))
            return sum(found.values()) == replicas

        await_that(are_there, within, f"{replicas} replicas run on nodes {on}")
        return found

    def remove(self, label: str) -> None:
        """Remove all containers with the label, whatever their state."""
        for client in self.clients.values():
            for entry in client.containers(all=True, filters={"label": label}):
                client.remove_container(entry["Id"], force=True, v=True)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


def await_that(check: Callable[[], bool], within: float, what: str) -> None:
    end = time.monotonic() + within
    while not check():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within:g} s: {what}")
        time.sleep(_LOOK_SECONDS)

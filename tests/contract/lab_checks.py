"""What the tests of the lab look at: its nodes, as their users see them."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from tests.lab import Lab

IMAGE = "supervisor/busybox"
_OBEY = "trap 'exit 3' TERM; while :; do sleep 0.1; done"
OBEY = ["sh", "-c", _OBEY]
"""Ends by itself when it is told to."""
SERVE = ["sh", "-c", f"httpd -p 8080 -h /etc; {_OBEY}"]
"""The same, and answers at a port."""
_GET = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=3)"

PATIENCE = 20
"""Seconds for what must come true, on a machine that has much else to do."""


@contextmanager
def silence(client: Any) -> Iterator[None]:
    """Within it, an open connection gets no answer to what is asked."""
    client.timeout = 1
    with pytest.raises(requests.ReadTimeout):
        yield
    client.timeout = PATIENCE


def run(client: Any, command: list[str], **options: Any) -> str:
    """The id of a new container that runs."""
    container = client.create_container(IMAGE, command, **options)["Id"]
    client.start(container)
    return str(container)


def state(client: Any, container: str) -> Any:
    return client.inspect_container(container)["State"]


def url_of(client: Any, container: str) -> str:
    """Of a container that runs SERVE."""
    networks = client.inspect_container(container)["NetworkSettings"]["Networks"]
    return f"http://{networks['bridge']['IPAddress']}:8080/passwd"


def serves(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def get_from(lab: Lab, number: int, url: str) -> None:
    """Ask from within a node; LabError if there is no good answer."""
    lab.run(number, sys.executable, "-c", _GET, url)


def arrived(lab: Lab, number: int, packets: int = 100) -> int:
    """How many datagrams that this machine sends are heard by the node's kernel."""
    before = _unwanted(lab, number)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(packets):
            sender.sendto(b"hello", (lab.endpoint(number).host, 9))
    return _unwanted(lab, number) - before


def _unwanted(lab: Lab, number: int) -> int:
    """Datagrams so far to ports where nobody listens."""
    lines = lab.run(number, "cat", "/proc/net/snmp").splitlines()
    names, values = (line.split() for line in lines if line.startswith("Udp:"))
    return int(dict(zip(names, values, strict=True))["NoPorts"])

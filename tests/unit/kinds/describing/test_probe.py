"""How `describe` formats probes."""

import pytest

from supervisor.kinds.describing.containers import describe_probe
from supervisor.model.meta import Object

NUMBERS = {
    "initialDelaySeconds": 15,
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
SHOWN = "delay=15s timeout=1s period=10s #success=1 #failure=3"


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (
            {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}},
            "http-get http://:8080/",
        ),
        (
            {"httpGet": {"host": "::1", "path": "x", "port": "web", "scheme": "HTTPS"}},
            "http-get https://[::1]:web/x",
        ),
        ({"exec": {"command": ["cat", "/tmp/x"]}}, "exec [cat /tmp/x]"),
        ({"tcpSocket": {"port": 8080}}, "tcp-socket :8080"),
        ({"grpc": {"port": 8080, "service": "svc"}}, "grpc <pod>:8080 svc"),
        ({}, "unknown"),
    ],
)
def test_a_probe_is_one_line(handler: Object, text: str) -> None:
    """The handler, then its parameters."""
    assert describe_probe(handler | NUMBERS) == f"{text} {SHOWN}"

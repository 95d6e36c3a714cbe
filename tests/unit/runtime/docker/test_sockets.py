"""No socket is left to the garbage collector."""

import gc
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from supervisor.model.endpoint import parse
from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.connection.client import EngineClient

Use = Callable[[EngineClient], object]


@pytest.mark.parametrize(
    "use",
    [lambda client: client.api.ping(), EngineClient.dial, EngineClient.dial_duplex],
    ids=["docker-py", "dial", "dial_duplex"],
)
def test_a_socket_that_cannot_connect_is_closed(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docker-py itself leaves one behind at each attempt on a Unix socket."""
    unraisable = list[object]()
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    client = EngineClient(parse(f"unix://{tmp_path}/no.sock"), 1)

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with pytest.raises(EngineUnavailable, match="No such file"):
            use(client)
        gc.collect()

    assert unraisable == []

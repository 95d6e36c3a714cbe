"""resourceVersion and resourceVersionMatch of lists and watches."""

from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.model.errors import unavailable
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.manifests import config_map


class NoNodes:
    def connect(self, node_name: str) -> Any:
        raise unavailable(f"no agent of {node_name}")


MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def http(registry: Registry, clock: FakeClock) -> Asgi:
    """A client with a valid token."""
    app = create_app(registry, NoNodes(), ["sesame-open"], clock=clock)
    return Asgi(app, "sesame-open")


@pytest.mark.parametrize(
    "query",
    [
        "resourceVersion=0",
        "resourceVersion=",
        "resourceVersion=0&resourceVersionMatch=NotOlderThan",
        "resourceVersion=1&resourceVersionMatch=NotOlderThan",
    ],
)
def test_a_list_is_never_older_than_requested(http: Asgi, query: str) -> None:
    """It always reads the latest state."""
    http("POST", MAPS, config_map())

    assert len(http("GET", f"{MAPS}?{query}").json["items"]) == 1


def test_an_exact_version_is_served_until_a_change(http: Asgi) -> None:
    """Afterwards it is expired (410), as upstream after compaction."""
    http("POST", MAPS, config_map())
    version = http("GET", MAPS).json["metadata"]["resourceVersion"]
    query = f"resourceVersion={version}&resourceVersionMatch=Exact"

    at_once = http("GET", f"{MAPS}?{query}")
    http("POST", MAPS, config_map("other"))
    later = http("GET", f"{MAPS}?{query}")

    assert len(at_once.json["items"]) == 1
    assert (later.code, later.json["reason"]) == (410, "Expired")


def test_a_future_version_is_504(http: Asgi) -> None:
    """With the cause after which clients retry."""
    answer = http("GET", f"{MAPS}?resourceVersion=99999999")

    assert answer.code == 504
    assert answer.json["message"].startswith("Too large resource version: 99999999")
    assert answer.json["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


@pytest.mark.parametrize(
    ("query", "code", "text"),
    [
        ("resourceVersion=abc", 400, "resourceVersion must be an integer"),
        ("resourceVersionMatch=Exact", 422, "unless resourceVersion is provided"),
        ("resourceVersion=1&resourceVersionMatch=Foo", 422, "Unsupported value"),
        ("resourceVersion=0&resourceVersionMatch=Exact", 422, "is forbidden for"),
        ("sendInitialEvents=true", 422, "is forbidden for list"),
        ("watch=true&sendInitialEvents=true", 422, "to NotOlderThan"),
        ("watch=true&resourceVersionMatch=NotOlderThan", 422, "forbidden for watch"),
    ],
)
def test_invalid_combinations_are_refused(
    http: Asgi, query: str, code: int, text: str
) -> None:
    """With upstream's messages."""
    answer = http("GET", f"{MAPS}?{query}")

    assert answer.code == code
    assert text in answer.json["message"]

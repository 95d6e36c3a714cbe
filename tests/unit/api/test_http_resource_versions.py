"""Which version of a list or watch is asked for, and what cannot be asked."""

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
    """A user whose token is good."""
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
def test_a_list_is_never_older_than_asked(http: Asgi, query: str) -> None:
    """It always reads the newest state."""
    http("POST", MAPS, config_map())

    assert len(http("GET", f"{MAPS}?{query}").json["items"]) == 1


def test_an_exact_version_is_given_while_nothing_has_changed(http: Asgi) -> None:
    """Afterwards it has expired: 410, as when upstream has compacted it away."""
    http("POST", MAPS, config_map())
    version = http("GET", MAPS).json["metadata"]["resourceVersion"]
    query = f"resourceVersion={version}&resourceVersionMatch=Exact"

    at_once = http("GET", f"{MAPS}?{query}")
    http("POST", MAPS, config_map("other"))
    later = http("GET", f"{MAPS}?{query}")

    assert len(at_once.json["items"]) == 1
    assert (later.code, later.json["reason"]) == (410, "Expired")


def test_a_version_that_is_not_there_yet_is_504(http: Asgi) -> None:
    """With the cause by which clients know that they should ask again."""
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
def test_what_cannot_be_asked_is_told(
    http: Asgi, query: str, code: int, text: str
) -> None:
    """In upstream's words."""
    answer = http("GET", f"{MAPS}?{query}")

    assert answer.code == code
    assert text in answer.json["message"]

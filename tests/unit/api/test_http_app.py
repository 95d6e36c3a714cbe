"""The application: tokens, health, documents, watches, errors."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.http.errors import ErrorHandler
from supervisor.api.http.watch import WatchResponse
from supervisor.api.registry import Registry
from supervisor.model.errors import unavailable
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.manifests import config_map, pod

PODS = "/api/v1/namespaces/default/pods"
V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


class NoNodes:
    def connect(self, node_name: str) -> Any:
        raise unavailable(f"no agent of {node_name}")


@pytest.fixture
def http(registry: Registry, clock: FakeClock) -> Asgi:
    """A client with a valid token."""
    app = create_app(registry, NoNodes(), ["other", "sesame"], clock=clock)
    return Asgi(app, "sesame")


# -- who may come in


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Basic sesame", "Bearer sesam\xe9"]
)
def test_requests_without_valid_token_are_refused(
    registry: Registry, clock: FakeClock, header: str
) -> None:
    """With a 401 Status, for known and unknown paths and upgrades."""
    app = create_app(registry, NoNodes(), ["sesame"], clock=clock)
    for path in (PODS, "/api", "/version", "/nonsense", f"{PODS}/web/exec"):
        answer = Asgi(app)("GET", path, authorization=header)
        assert (answer.code, answer.json["reason"]) == (401, "Unauthorized")
        assert answer.header("www-authenticate") == "Bearer"


@pytest.mark.parametrize("token", ["other", "sesame"])
def test_every_token_is_valid(registry: Registry, clock: FakeClock, token: str) -> None:
    """There may be several."""
    app = create_app(registry, NoNodes(), ["other", "sesame"], clock=clock)

    assert Asgi(app, token)("GET", PODS).code == 200


def test_empty_tokens_are_refused(registry: Registry, clock: FakeClock) -> None:
    """They would grant access to everyone."""
    with pytest.raises(ValueError, match="must not be empty"):
        create_app(registry, NoNodes(), [""], clock=clock)


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/ping"])
def test_health_needs_no_token(registry: Registry, clock: FakeClock, path: str) -> None:
    """Monitoring has no token."""
    app = create_app(registry, NoNodes(), ["sesame"], clock=clock)

    answer = Asgi(app)("GET", path)

    assert (answer.code, answer.body) == (200, b"ok")


def test_readiness_is_reported_by_the_daemon(
    registry: Registry, clock: FakeClock
) -> None:
    """Liveness is independent of it."""
    app = create_app(registry, NoNodes(), ["sesame"], clock=clock, ready=lambda: False)

    assert Asgi(app)("GET", "/readyz").code == 500
    assert Asgi(app)("GET", "/livez").code == 200


# -- documents


@pytest.mark.parametrize("end", ["", "/"])
def test_discovery_format_is_negotiated(http: Asgi, end: str) -> None:
    """Aggregated, with the corresponding Content-Type, or legacy."""
    wanted = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    for path in ("/api", "/apis"):
        aggregated = http("GET", path + end, accept=f"{wanted},application/json")
        assert aggregated.header("content-type") == wanted
        assert aggregated.json["kind"] == "APIGroupDiscoveryList"
    assert http("GET", f"/api{end}").json["kind"] == "APIVersions"
    assert http("GET", f"/apis{end}").json["kind"] == "APIGroupList"
    assert http("GET", f"/api/v1{end}").json["kind"] == "APIResourceList"
    lease = http("GET", f"/apis/coordination.k8s.io/v1{end}").json
    assert lease["groupVersion"] == "coordination.k8s.io/v1"
    assert http("GET", f"/apis/admission{end}").code == 404


def test_known_documents_are_not_sent_again(http: Asgi) -> None:
    """304 for a matching ETag, for OpenAPI and discovery."""
    for path in ("/api", "/openapi/v3", "/openapi/v3/api/v1", "/openapi/v2"):
        first = http("GET", path)
        again = http("GET", path, if_none_match=first.header("etag"))
        assert (first.code, again.code, again.body) == (200, 304, b"")


def test_openapi_is_served_as_kubectl_needs_it(http: Asgi) -> None:
    """v3 as JSON for each group, at a cacheable URL; v2 only as protobuf."""
    index = http("GET", "/openapi/v3").json["paths"]
    document = http("GET", index["api/v1"]["serverRelativeURL"])
    v2 = http("GET", "/openapi/v2", accept=V2_PROTOBUF)

    assert "io.k8s.api.core.v1.Pod" in document.json["components"]["schemas"]
    assert "immutable" in document.header("cache-control")
    assert v2.header("content-type").endswith("+protobuf")
    assert "@" not in v2.header("content-type")
    assert http("GET", "/openapi/v2", accept="application/json").code == 406
    assert http("GET", "/openapi/v3/apis/admission/v1").code == 404


def test_the_version_is_semantic(http: Asgi) -> None:
    """kubectl requires it."""
    version = http("GET", "/version").json

    assert (version["major"], version["minor"]) == ("1", "32")
    assert version["gitVersion"].startswith("v1.32.0+supervisor-")


# -- watches


def test_a_watch_is_one_event_per_line(http: Asgi, registry: Registry) -> None:
    """First existing objects, then changes; disconnecting ends it."""

    async def scenario() -> list[Any]:
        registry.create("pods", pod("a"), "default")
        async with http.watch(f"{PODS}?watch=true") as lines:
            events = [await lines.next()]
            await asyncio.to_thread(registry.create, "pods", pod("b"), "default")
            events.append(await lines.next())
            await asyncio.to_thread(registry.delete, "pods", "a", "default")
            events.append(await lines.next())
        return events

    events = asyncio.run(scenario())

    assert [(e["type"], e["object"]["metadata"]["name"]) for e in events] == [
        ("ADDED", "a"),
        ("ADDED", "b"),
        ("DELETED", "a"),
    ]


def test_a_watch_can_be_a_table(http: Asgi, registry: Registry) -> None:
    """For `kubectl get -w`, row by row."""

    async def scenario() -> Any:
        registry.create("pods", pod("a"), "default")
        async with http.watch(f"{PODS}?watch=1", accept=TABLE) as lines:
            return await lines.next()

    event = asyncio.run(scenario())

    assert event["object"]["kind"] == "Table"
    assert event["object"]["rows"][0]["cells"][0] == "a"


def test_a_watch_ends_after_its_timeout(registry: Registry) -> None:
    """The stream is complete, with all events so far."""

    async def at_once(work: Callable[[], bytes]) -> bytes:
        return work()

    registry.create("pods", pod("a"), "default")
    watch = WatchResponse(
        registry.cursor("pods", since="0"),
        at_once,
        lambda event: event.object,
        timeout=0.01,
        bookmarks=False,
        send_initial_end=False,
    )

    answer = Asgi(watch)("GET", PODS)

    assert (answer.code, answer.json["type"]) == (200, "ADDED")


def test_a_watch_from_an_old_version_is_expired(http: Asgi, registry: Registry) -> None:
    """As an event in a 200 response, as clients expect."""
    registry.create("configmaps", config_map(), "default")
    for number in range(60):
        patch = {"data": {"n": str(number)}}
        registry.patch("configmaps", "settings", "default", patch)

    answer = http("GET", f"{PODS}?watch=true&resourceVersion=5")

    assert answer.code == 200
    assert answer.json["type"] == "ERROR"
    assert (answer.json["object"]["code"], answer.json["object"]["reason"]) == (
        410,
        "Expired",
    )


def test_a_watch_can_mark_the_end_of_its_initial_events(
    http: Asgi, registry: Registry
) -> None:
    """By a bookmark, for clients that request it."""

    async def scenario() -> list[Any]:
        registry.create("pods", pod("a"), "default")
        query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        async with http.watch(f"{PODS}?{query}&allowWatchBookmarks=true") as lines:
            return [await lines.next(), await lines.next()]

    added, mark = asyncio.run(scenario())

    assert added["type"] == "ADDED"
    assert mark["type"] == "BOOKMARK"
    annotations = mark["object"]["metadata"]["annotations"]
    assert annotations == {"k8s.io/initial-events-end": "true"}
    assert mark["object"]["metadata"]["resourceVersion"] == "5"


def test_many_watches_need_no_thread_each(http: Asgi, registry: Registry) -> None:
    """Fifty of them receive the same change."""

    async def one(ready: asyncio.Semaphore) -> str:
        async with http.watch(f"{PODS}?watch=true") as lines:
            await lines.next()
            ready.release()
            return str((await lines.next())["object"]["metadata"]["name"])

    async def scenario() -> list[str]:
        registry.create("pods", pod("a"), "default")
        ready = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(one(ready)) for _ in range(50)]
        for _ in tasks:
            await ready.acquire()
        await asyncio.to_thread(registry.create, "pods", pod("b"), "default")
        return await asyncio.gather(*tasks)

    assert asyncio.run(scenario()) == ["b"] * 50


# -- crashes


def test_a_crash_is_a_status_and_a_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The client gets a 500, the log the traceback."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR):
        answer = Asgi(ErrorHandler(broken))("GET", "/x")

    assert (answer.code, answer.json["reason"]) == (500, "InternalError")
    assert "secret detail" not in answer.json["message"]
    assert "ZeroDivisionError: secret detail" in caplog.text

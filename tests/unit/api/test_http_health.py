"""Health endpoints, in upstream's format."""

from collections.abc import Callable

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

Checks = dict[str, Callable[[], str]]


def asked(registry: Registry, clock: FakeClock, store: str = "") -> Asgi:
    """An API with healthy workers and this state of the store."""
    live: Checks = {"controllers": lambda: ""}
    ready: Checks = {"store": lambda: store}
    app = create_app(
        registry,
        FakeNodes(FakeNode()),
        ["sesame"],
        clock=clock,
        live_checks=live,
        ready_checks=ready,
    )
    return Asgi(app)


def test_verbose_lists_every_check(registry: Registry, clock: FakeClock) -> None:
    """One per line, and the result; liveness has fewer than readiness."""
    http = asked(registry, clock)

    assert http("GET", "/readyz?verbose").body == (
        b"[+]ping ok\n[+]controllers ok\n[+]startup ok\n[+]store ok\n"
        b"readyz check passed\n"
    )
    assert http("GET", "/livez?verbose").body == (
        b"[+]ping ok\n[+]controllers ok\nlivez check passed\n"
    )


def test_an_unhealthy_part_fails_with_its_reason(
    registry: Registry, clock: FakeClock
) -> None:
    """Also without `verbose`; liveness is not affected."""
    http = asked(registry, clock, store="disk full")

    answer = http("GET", "/readyz")

    assert answer.code == 500
    assert answer.body == (
        b"[+]ping ok\n[+]controllers ok\n[+]startup ok\n[-]store failed: disk full\n"
        b"readyz check failed\n"
    )
    assert http("GET", "/livez").code == 200


def test_single_checks_have_paths(registry: Registry, clock: FakeClock) -> None:
    """Unknown checks do not."""
    http = asked(registry, clock, store="disk full")
    assert http("GET", "/readyz/controllers").body == b"ok"
    assert http("GET", "/readyz/store").code == 500
    assert http("GET", "/readyz/nonsense").code == 404


@pytest.mark.parametrize("query", ["exclude=store", "verbose&exclude=store"])
def test_checks_can_be_excluded(
    registry: Registry, clock: FakeClock, query: str
) -> None:
    """Unknown names are reported."""
    http = asked(registry, clock, store="disk full")

    answer = http("GET", f"/readyz?{query}")

    assert answer.code == 200
    if "verbose" in query:
        assert b"[+]store excluded: ok\n" in answer.body
    odd = http("GET", "/livez?verbose&exclude=odd").body
    assert b'warn: some health checks cannot be excluded: no matches for "odd"' in odd

"""What a relay decides about single requests."""

import pytest

from tests.lab.behaviour import Behaviour, Fault
from tests.lab.commands import LabError


def test_a_fault_can_be_for_some_requests_only() -> None:
    """The expression is looked for in method and target."""
    behaviour = Behaviour().with_fault(Fault.ANSWER, only="POST .*/create")

    assert behaviour.meets("POST", "/v1.41/containers/create")
    assert not behaviour.meets("GET", "/v1.41/containers/json")


def test_one_fault_replaces_another() -> None:
    """What it was made of is forgotten; clock and version stay."""
    behaviour = Behaviour(clock_seconds=5).with_fault(Fault.ANSWER, status=418)

    assert behaviour.with_fault(Fault.HANG) == Behaviour(Fault.HANG, clock_seconds=5)


def test_old_engines_refuse_newer_clients() -> None:
    """With the engine's own words; older requests and those without version pass."""
    behaviour = Behaviour(api_version="1.24")

    refusal = behaviour.refusal("/v1.41/info") or b""
    assert refusal.startswith(b"HTTP/1.1 400 ")
    assert b"client version 1.41 is too new" in refusal
    assert behaviour.refusal("/v1.24/info") is None
    assert behaviour.refusal("/_ping") is None


def test_versions_are_told_in_the_same_length() -> None:
    """So no frame around them has to change."""
    head = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n\r\n"
    body = b'{"ApiVersion":"1.41","MinAPIVersion":"1.24"}\n'

    told = Behaviour(api_version="1.30").changed(head + body, "/version")

    assert b"Api-Version: 1.30\r\n" in told and b'"ApiVersion":"1.30"' in told
    assert b'"MinAPIVersion":"1.12"' in told and len(told) == len(head + body)


def test_each_request_has_a_connection_of_its_own() -> None:
    """Unless it becomes something else than HTTP."""
    plain = b"GET /info HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
    upgrade = b"POST /e HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

    forwarded = Behaviour().forwarded(plain)

    assert forwarded == b"GET /info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert Behaviour().forwarded(upgrade) == upgrade


@pytest.mark.parametrize("target", ["/v1.41/exec/1/start", "/containers/1/attach?a=1"])
def test_bytes_of_containers_are_never_changed(target: str) -> None:
    """Whatever they look like."""
    assert not Behaviour(clock_seconds=5).changes(target)


@pytest.mark.parametrize("wrong", [{"api_version": "2"}, {"status": 99}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    """With what was found."""
    with pytest.raises(LabError, match="found"):
        Behaviour(**wrong)  # type: ignore[arg-type]
